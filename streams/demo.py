"""Streams of the demo: what was, what waits for moderators, and what is on air."""

from pathlib import Path

from core.datasets.importing import dataset_import
from core.datasets.registry import dataset
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step

DATA = Path(__file__).parent / "data"


def _bring_in(name: str) -> str:
    with acting(Role.WORKER):
        report = dataset_import(dataset=dataset(name), path=DATA / name, all_or_nothing=True)
    return f"{report.new:,} new, {report.read - report.new:,} there before or without a number"


def load_broadcasts() -> str:
    """Streams and archives of two years, the newest of which wait for moderators."""
    return _bring_in("broadcasts")


def load_marathons() -> str:
    """Two streams of a week with their games and viewers."""
    return _bring_in("marathon_streams")


register_step(DemoStep(30, "Broadcasts of two years: streams, archives, categories", load_broadcasts))
register_step(DemoStep(31, "Two marathons of a week, minute by minute", load_marathons))
