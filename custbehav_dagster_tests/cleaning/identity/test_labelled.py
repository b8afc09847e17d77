"""On records whose people are known, matching is as good as is promised."""

from __future__ import annotations

import pytest

from benchmarks.identity import calibration, our_links, score, tables_of
from custbehav_dagster.cleaning.identity.evidence import STRENGTH
from custbehav_dagster.sources.synthetic.labelled_records import Faults, labelled_records


@pytest.mark.parametrize("seed", [1, 21])
def test_precision_is_99_and_recall_95_percent_on_5_000_records(seed: int) -> None:
    tables = tables_of(labelled_records(5_000, seed))
    links = our_links(tables)
    loose, strict = (score(tables.truth, links[f"{name}_customer_id"]) for name in ("loose", "strict"))
    assert loose.precision >= 0.99
    assert loose.recall >= 0.95
    assert strict.precision >= 0.99
    # The two answer differently, which is why both are kept.
    assert strict.recall < 0.6 < loose.recall_of_all


def test_the_strength_of_each_evidence_is_about_the_share_that_is_right() -> None:
    tables = tables_of(labelled_records(20_000, 5))
    found = calibration(our_links(tables), tables.truth)
    assert {"same e-mail", "same name and postcode", "same postcode, name mistyped"} <= {*found.index}
    for evidence, row in found[found.joined >= 100].iterrows():
        assert row.right == pytest.approx(STRENGTH[str(evidence)], abs=0.06)


def test_without_faults_nobody_is_joined_to_somebody_else() -> None:
    none = Faults(*[0.0] * 10)
    tables = tables_of(labelled_records(1_000, 3, none))
    assert score(tables.truth, our_links(tables).loose_customer_id).precision == 1
