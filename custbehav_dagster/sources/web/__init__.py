"""Public web pages as rows: fetched politely, read without running anything they hold.

Cleaning of the texts belongs to `cleaning`, not here.
"""

from custbehav_dagster.sources.web.pages import read_pages, write_pages

__all__ = ["read_pages", "write_pages"]
