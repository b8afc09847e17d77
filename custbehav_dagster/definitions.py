"""The only assembly: assets, checks, jobs, schedule, sensors and resources become one platform."""

from __future__ import annotations

import gc

import dagster as dg
from pydantic import ValidationError

from custbehav_dagster import assets as layers
from custbehav_dagster.assets.checks import all_checks
from custbehav_dagster.automation import build_automation, refresh_job
from custbehav_dagster.resources import WarehouseResource, sentences_of, shop_resource
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.io_manager import WarehouseIOManager


def build_definitions(settings: Settings) -> dg.Definitions:
    """The whole platform for one shop; `settings` are the defaults of its knobs."""
    shop = shop_resource(settings)
    warehouse = WarehouseResource.configure_at_launch(shop=shop)
    schedule, sensors = build_automation(settings)
    return dg.Definitions(
        assets=dg.load_assets_from_package_module(layers),
        asset_checks=all_checks(),
        jobs=[refresh_job],
        schedules=[schedule],
        sensors=sensors,
        resources={
            "shop": shop,
            "warehouse": warehouse,
            "io_manager": WarehouseIOManager(
                shop=shop,
                warehouse=warehouse,  # type: ignore[arg-type]
                database=str(settings.warehouse_path),
            ),
        },
        executor=dg.in_process_executor,
    )


def settings_or_sentence() -> Settings:
    """The settings of the environment.

    Raises:
        SystemExit: one is wrong; the message names it and says what is expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SystemExit(sentences_of(error)) from None


# A run makes some million small objects that live on; looking through them for unused ones
# every 700 new ones, as Python does by default, took a tenth of a small run.
gc.set_threshold(100_000, 20, 50)

defs = build_definitions(settings_or_sentence())
