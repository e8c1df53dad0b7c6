"""A stretch of a real marathon in the database: its stream, its counted minutes, and people at home."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

from analytics.datasets.marathons.curves import curves_of
from analytics.datasets.marathons.standing import Standing, marathon_standing
from core.datasets.importing import dataset_import
from core.datasets.registry import dataset
from core.db.context import acting
from core.db.roles import Role
from streams.datasets.marathon_streams import MINUTES, RUNS, SET
from streams.demo import DATA
from tests.accounts.factories import UserFactory

EVENT = "sgdq2019"
PEOPLE = 12


def cut(folder: Path, since: datetime, until: datetime) -> Path:
    """The rows of the real file between two instants (UTC), and no games."""
    text = gzip.decompress((DATA / SET / MINUTES).read_bytes()).decode().splitlines()
    kept = [
        line
        for line in text[1:]
        if line.startswith(EVENT)
        and since <= datetime.fromisoformat(line.split(",")[1]).astimezone(UTC) < until
    ]
    (folder / MINUTES).write_bytes(gzip.compress("\n".join([text[0], *kept]).encode() + b"\n"))
    header = gzip.decompress((DATA / SET / RUNS).read_bytes()).decode().splitlines()[0]
    (folder / RUNS).write_bytes(gzip.compress(header.encode() + b"\n"))
    return folder


def marathon_of(folder: Path) -> Standing:
    """Bring the marathon of a folder in, with some people who may watch it."""
    for _ in range(PEOPLE):
        UserFactory()
    with acting(Role.WORKER):
        dataset_import(dataset=dataset(SET), path=folder, all_or_nothing=True)
        found = marathon_standing(curves_of(folder)[EVENT])
    assert found is not None
    return found
