"""Plots: one asset per picture, named as its file."""

import base64

import dagster as dg
import ibis.expr.types as ir

from custbehav_dagster.assets.conventions import DAILY, OWNERS
from custbehav_dagster.figures.registry import PICTURES, Picture
from custbehav_dagster.settings import Settings

NOT_BLANK = "not_blank"


def _plot(picture: Picture) -> dg.AssetsDefinition:
    key = dg.AssetKey(["plots", picture.name])

    @dg.asset(
        key=key,
        group_name="plots",
        ins={"table": dg.AssetIn(key=picture.table.split("."))},
        kinds={"matplotlib", "png"},
        owners=OWNERS,
        description=f"{picture.title}, drawn from {picture.table}.",
        freshness_policy=DAILY,
        check_specs=[dg.AssetCheckSpec(NOT_BLANK, asset=key, description="The picture shows something.")],
    )
    def plot(table: ir.Table, shop: dg.ResourceParam[Settings]) -> dg.MaterializeResult:
        from custbehav_dagster.figures.render import is_blank, render, save_picture

        drawn = render(picture.name, {picture.table: table}, shop)
        save_picture(drawn, shop.processed_path / "plots")
        seen = base64.b64encode(drawn.thumbnail).decode()
        return dg.MaterializeResult(
            metadata={
                "picture": dg.MetadataValue.md(f"![{drawn.alt_text}](data:image/png;base64,{seen})"),
                "file": f"processed/plots/{picture.name}.png",
                "what it shows": drawn.alt_text,
                "rows": drawn.rows,
                "is_synthetic": drawn.is_synthetic,
            },
            check_results=[dg.AssetCheckResult(check_name=NOT_BLANK, passed=not is_blank(drawn.png))],
        )

    return plot


pictures = [_plot(picture) for picture in PICTURES.values()]
