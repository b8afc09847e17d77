"""Twenty-five assets that do nothing: what Dagster itself costs, in the executor that ours use."""

from __future__ import annotations

import dagster as dg

COUNT = 25


def _nothing(number: int) -> dg.AssetsDefinition:
    @dg.asset(name=f"nothing_{number}")
    def nothing() -> None:
        pass

    return nothing


defs = dg.Definitions(assets=[_nothing(number) for number in range(COUNT)], executor=dg.in_process_executor)
