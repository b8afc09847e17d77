"""Which records are one person, and the tables of people and their orders that follow.

Read in this order: `fields` (what records say, in one notation), `names`, `evidence`
and `alike` (what speaks for two records being one person), `components` (pairs become
people), `choices` (the owner's word), `links`, `people`, `repeats`.
"""

from custbehav_dagster.cleaning.identity.choices import chosen_pairs, files_of_pairs
from custbehav_dagster.cleaning.identity.links import Matching, link_customers
from custbehav_dagster.cleaning.identity.people import truth_customers, truth_orders
from custbehav_dagster.cleaning.identity.repeats import repeat_purchase_by_matching

__all__ = [
    "Matching",
    "chosen_pairs",
    "files_of_pairs",
    "link_customers",
    "repeat_purchase_by_matching",
    "truth_customers",
    "truth_orders",
]
