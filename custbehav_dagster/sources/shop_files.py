"""The synthetic shop stands in for a real one only while there is none.

What belongs here: deciding whether to generate, and clearing generated files
away once a real shop file is there. Generating itself is in `synthetic`.
"""

from __future__ import annotations

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import has_shop_file
from custbehav_dagster.sources.manifest import generated_files, generating

SHOP_FILES = ("customers.csv", "orders.csv", "feedback.csv")
PARAMETERS = ".synthetic_shop"


def prepare_shop_files(settings: Settings) -> str:
    """Make data/raw hold one shop: the owner's, else a synthetic one. Say which in a sentence.

    Raises:
        SourceFailure: an unrecognised file of the owner's has a name that the
            synthetic shop needs.
    """
    folder = settings.raw_path
    folder.mkdir(parents=True, exist_ok=True)
    generated = generated_files(folder)
    present = [name for name in SHOP_FILES if name in generated]
    if has_shop_file(settings):
        for name in present:
            (folder / name).unlink()
        return "The shop's own files."
    size, seed = settings.synthetic_customers, settings.synthetic_seed
    wanted, mark = f"{size} customers, seed {seed}", folder / PARAMETERS
    if len(present) == len(SHOP_FILES) and mark.is_file() and mark.read_text() == wanted:
        return f"Synthetic shop: {wanted}."
    from custbehav_dagster.sources.synthetic.shop import generate_shop, write_shop

    mark.unlink(missing_ok=True)
    with generating(folder) as aside:
        write_shop(generate_shop(size, seed), aside)
    mark.write_text(wanted)
    return f"Synthetic shop: {wanted}."
