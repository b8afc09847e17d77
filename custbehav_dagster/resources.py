"""The outside world as Dagster sees it: the knobs, the warehouse, and where files lie.

The knobs are offered as run config of the resource `shop`, so that one value
holds for every step of a run: a dataset and its model cannot disagree.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_origin

import dagster as dg
from pydantic import Field, ValidationError, create_model

from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.files import sweep_temporary_files
from custbehav_dagster.warehouse.forgetting import forget_deleted
from custbehav_dagster.warehouse.lock import Holder, dead_runs, forget, writer_lock
from custbehav_dagster.warehouse.store import Warehouse, open_warehouse

FIXED_PER_DEPLOYMENT = frozenset(
    {"data_dir", "refresh_cron", "refresh_max_seconds", "reddit_client_id", "reddit_client_secret"}
)
"""Settings that are not knobs of a run: secrets, and what the lock and the schedule rest on."""

KNOBS = {name: field for name, field in Settings.model_fields.items() if name not in FIXED_PER_DEPLOYMENT}


EXAMPLES = {"currency": "EUR", "as_of": "2026-12-31", "shop_timezone": "Europe/London"}
"""How settings of a fixed form are written, where the check's own words would not help."""


def sentences_of(error: ValidationError) -> str:
    """Each wrong field with what is wrong with it, in one sentence a person can act on."""
    return "Wrong settings: " + "; ".join(_wrong_field(part) for part in error.errors())


def _wrong_field(part: Any) -> str:
    name = str(part["loc"][0]).lower()
    field = Settings.model_fields.get(name)
    meaning = f", {field.description}" if field is not None and field.description else ""
    example = EXAMPLES.get(name, "")
    wanted = f"write it like {example}" if example else part["msg"].removeprefix("Value error, ")
    return f"{name}={part['input']}: {wanted} (CUSTBEHAV_{name.upper()}{meaning})"


def _run_config_type(annotation: Any) -> Any:
    """The type Dagster shows for a knob; limits and choices are checked by `Settings`."""
    simple = {bool: bool, int: int, float: float, str: str}
    if get_origin(annotation) is list:
        return list[str]
    return simple.get(annotation, str)


class ShopBase(dg.ConfigurableResource):
    """All knobs of the platform; each run may set its own."""

    def settings(self) -> Settings:
        """The knobs as `Settings`, checked.

        Raises:
            dagster.Failure: a knob is out of its limits; the message names it.
        """
        chosen = {name: getattr(self, name) for name in KNOBS}
        chosen["as_of"] = chosen["as_of"] or None
        try:
            # What the run leaves as it is stays told by the environment, so that a setting nobody
            # gave can be known from one that was given its default.
            usual = Settings()
            return Settings(**{k: v for k, v in chosen.items() if v != getattr(usual, k)})
        except ValidationError as error:
            raise dg.Failure(sentences_of(error), allow_retries=False) from None

    def create_resource(self, context: dg.InitResourceContext) -> Any:
        """The checked settings themselves are what assets receive."""
        return self.settings()


def shop_resource(settings: Settings) -> Any:
    """The resource `shop`, with `settings` as its defaults and every knob open at launch."""
    fields: dict[str, Any] = {}
    for name, field in KNOBS.items():
        value = getattr(settings, name)
        default = str(value or "") if name == "as_of" else value
        fields[name] = (_run_config_type(field.annotation), Field(default, description=field.description))
    return create_model("Shop", __base__=ShopBase, **fields).configure_at_launch()


class WarehouseResource(dg.ConfigurableResource):
    """The warehouse, held by one run at a time from its first step to its last.

    When every step of the run went well, the readers' snapshot is replaced.
    """

    shop: dg.ResourceDependency[Settings]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Warehouse]:
        """Take the lock, open the file, and publish the snapshot if the run succeeded."""
        run_id = context.run_id or "no run"
        holder = Holder.now(run_id, context.dagster_run.job_name if context.dagster_run else "direct call")
        log = context.log
        path = self.shop.warehouse_path
        with writer_lock(path, holder, on_wait=log.info if log else print):
            report_dead_runs(context.instance, path)
            sweep_temporary_files(self.shop.data_path)
            with open_warehouse(path, self.shop.warehouse_memory_limit) as warehouse:
                yield warehouse
                went_well = context.instance is not None and _no_step_failed(context.instance, run_id)
                if went_well:
                    warehouse.publish(self.shop.snapshot_path)
            if went_well:
                try:
                    forget_deleted(path, self.shop.snapshot_path, self.shop.warehouse_memory_limit)
                except OSError as error:
                    (log.warning if log else print)(f"Texts taken back wait for the next refresh: {error}")


def report_dead_runs(instance: dg.DagsterInstance | None, warehouse: Path) -> list[Holder]:
    """Mark the runs whose process died as failed, so that they block no queue; tell which."""
    died = dead_runs(warehouse)
    for holder in died:
        run = instance.get_run_by_id(holder.run_id) if instance else None
        if instance is not None and run is not None and not run.is_finished:
            instance.report_run_failed(
                run, f"The process of {holder} died before the run ended; run it again."
            )
        forget(warehouse, holder)
    return died


def _no_step_failed(instance: dg.DagsterInstance, run_id: str) -> bool:
    ended_badly = (dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.STEP_UP_FOR_RETRY)
    return not any(instance.all_logs(run_id, of_type=kind) for kind in ended_badly)
