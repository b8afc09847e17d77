"""Checks beside the tables: what the contract implies, and rules about one table alone.

One step per layer judges all its tables, each in one pass, since a step of its
own per check would cost more than the checks.
"""

from collections.abc import Iterator

import dagster as dg

from custbehav_dagster.assets.conventions import LAYERS
from custbehav_dagster.contract import TABLES
from custbehav_dagster.contract.promises import RULES, Rule
from custbehav_dagster.contract.rules import Verdict, judge, rules_of
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.store import Warehouse

BLOCKING_LAYERS = ("raw", "cleaned", "truth")
"""A broken key in these would make every number after it wrong."""


def all_checks() -> list[dg.AssetChecksDefinition]:
    """One multi-check per layer that has tables."""
    layers = [layer for layer in LAYERS if any(table.layer == layer for table in TABLES.values())]
    return [_checks_of(layer) for layer in layers]


def _checks_of(layer: str) -> dg.AssetChecksDefinition:
    tables = [table for table in TABLES.values() if table.layer == layer]
    special = [rule for rule in RULES if rule.layer == layer]
    specs = [
        dg.AssetCheckSpec(
            rule,
            asset=[layer, table.noun],
            description=f"Every row keeps the contract of {layer}.{table.noun}.",
            blocking=layer in BLOCKING_LAYERS,
        )
        for table in tables
        for rule in rules_of(table)
    ]
    specs += [
        dg.AssetCheckSpec(
            rule.name,
            asset=[rule.layer, rule.noun],
            additional_deps=[[*key.split("/")] for key in rule.reads if key != f"{rule.layer}/{rule.noun}"],
            description=rule.promise,
            blocking=rule.blocking,
        )
        for rule in special
    ]

    @dg.multi_asset_check(name=f"{layer}_checks", specs=specs, can_subset=True)
    def check_layer(
        context: dg.AssetCheckExecutionContext,
        warehouse: dg.ResourceParam[Warehouse],
        shop: dg.ResourceParam[Settings],
    ) -> Iterator[dg.AssetCheckResult]:
        wanted = context.selected_asset_check_keys
        for table in tables:
            chosen = {
                rule
                for rule in rules_of(table)
                if dg.AssetCheckKey(dg.AssetKey([layer, table.noun]), rule) in wanted
            }
            if chosen:
                for verdict in judge(table, warehouse.table(layer, table.noun)):
                    if verdict.rule in chosen:
                        yield _result(layer, table.noun, verdict)
        for rule in special:
            if dg.AssetCheckKey(dg.AssetKey([layer, rule.noun]), rule.name) in wanted:
                yield _special_result(rule, warehouse, shop)

    return check_layer


def _result(layer: str, noun: str, verdict: Verdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=verdict.holds,
        check_name=verdict.rule,
        asset_key=[layer, noun],
        description=verdict.sentence,
        metadata={"broken rows": verdict.broken_rows},
    )


def _special_result(rule: Rule, warehouse: Warehouse, shop: Settings) -> dg.AssetCheckResult:
    tables = (warehouse.table(*key.split("/")) for key in rule.reads)
    finding = rule.judge(*tables, settings=shop) if rule.knows_settings else rule.judge(*tables)
    return dg.AssetCheckResult(
        passed=finding.holds,
        check_name=rule.name,
        asset_key=[rule.layer, rule.noun],
        severity=dg.AssetCheckSeverity.WARN if rule.warns_only else dg.AssetCheckSeverity.ERROR,
        description=finding.sentence,
        metadata={**finding.numbers},
    )
