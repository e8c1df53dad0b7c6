"""A large archive: made batch by batch, in memory that does not grow with it."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from audit.personal_data.reading import BATCH, batches
from audit.services import personal_archives
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory
from tests.audit.personal_data.archives import made, opened, running
from tests.sql import affected

pytestmark = pytest.mark.django_db

ROWS = 100_000
MEGABYTE = 2**20


def test_a_hundred_thousand_rows_need_the_memory_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    person = UserFactory()
    with acting(Role.OWNER):
        affected(
            "INSERT INTO accounts_loginevent (id, user_id, succeeded, failure, address, user_agent) "
            "SELECT uuidv7(), %s, true, NULL, '198.51.100.7', 'Firefox ' || number "
            "FROM generate_series(1, %s) AS number",
            [person.pk, ROWS],
        )
    request = running(person)
    sizes: list[int] = []

    def counted(*arguments: Any) -> Iterator[list[str]]:
        for lines in batches(*arguments):
            sizes.append(len(lines))
            yield lines

    monkeypatch.setattr(personal_archives, "batches", counted)
    tracemalloc.start()
    try:
        archive = made(request)
        _, peak_made = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        handed_out = sum(len(chunk) for chunk in opened(archive).content)
        _, peak_opened = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert archive.rows_by_table["accounts_loginevent"] == ROWS
    assert handed_out == archive.content_bytes
    assert max(sizes) == BATCH
    assert len(sizes) >= ROWS / BATCH
    # All rows as text would be some 20 MB, and several times that as objects of Python.
    assert peak_made < 16 * MEGABYTE
    assert peak_opened - before < 4 * MEGABYTE
