"""Rotation brings every value under a newer key while readers and writers go on, and can be killed at any moment."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core.encryption import Purpose, keys_for
from core.encryption.errors import RotationIncomplete, RotationOvertaken
from core.encryption.generation import generate
from core.encryption.registration import key_activate, keys_register
from core.encryption.ring import KeyKind
from core.encryption.rotation import Rotation
from core.encryption.usage import rows_by_number
from core.models import EncryptionKey
from tests.core.encryption.conftest import reading, storing
from tests.database import ROOT
from tests.kernel.models import Correspondent, Letter, Passport, Whisper
from tests.sql import refused, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told")]
committed = pytest.mark.django_db(transaction=True)

ROWS = 60


@pytest.fixture
def rows(own_keys: Path) -> None:
    """Rows in tables of every sort, all under the first keys."""
    with storing():
        for number in range(ROWS):
            row = Correspondent.objects.create(
                name=f"{number}",
                value=f"{number}@example.org",
                note=f"note {number}",
                born_on=date(2000, 1, 1),
            )
        Letter.objects.create(correspondent=row, text="dear")
        Whisper.objects.create(heard="a whisper", source="a wall")
    Passport.objects.bulk_create(Passport(name=f"{n}", number=f"P{n}") for n in range(ROWS))
    Passport.objects.first().save()


def new_key(kind: KeyKind, own_keys: Path) -> None:
    generate(own_keys, kind)
    keys_register()


def rotate(kind: KeyKind, *arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", kind.value, *arguments, stdout=out)
    return out.getvalue()


def numbers_in_use(kind: KeyKind) -> set[int]:
    return {number for counts in rows_by_number(kind).values() for number in counts}


def kept() -> list[tuple[Any, ...]]:
    """What a rotation must leave as it is."""
    return run(
        "SELECT id::text, name, version, created_at, updated_at FROM kernel_correspondent "
        "UNION ALL SELECT id::text, name, version, created_at, updated_at FROM kernel_passport "
        "UNION ALL SELECT history_id::text, name, 0, history_date, NULL FROM kernel_historicalcorrespondent "
        "UNION ALL SELECT id::text, '', 0, NULL, NULL FROM kernel_whisper ORDER BY 1"
    )


def plaintexts() -> list[Any]:
    with reading():
        return [
            *Correspondent.objects.order_by("id").values_list("value", "note", "born_on"),
            *Correspondent.history.order_by("history_id").values_list("value", "note"),
            *Letter.objects.values_list("text"),
            *Whisper.objects.values_list("heard"),
        ]


def seals() -> list[str]:
    with reading(Purpose.REVEAL):
        return [row.number.open() for row in Passport.objects.order_by("id")]


class TestEachKind:
    @committed
    def test_data(self, rows: None, own_keys: Path) -> None:
        before, times = plaintexts(), kept()
        new_key(KeyKind.DATA, own_keys)
        assert numbers_in_use(KeyKind.DATA) == {1}
        said = rotate(KeyKind.DATA, "--batch-size", "7")
        assert "Every value is under data key 2" in said
        assert numbers_in_use(KeyKind.DATA) == {2}
        assert (plaintexts(), kept()) == (before, times)
        assert run("SELECT number, state FROM core_encryptionkey WHERE kind = 'data' ORDER BY 1") == [
            (1, "retiring"),
            (2, "active"),
        ]

    def test_sealing(self, rows: None, own_keys: Path) -> None:
        before, times = seals(), kept()
        new_key(KeyKind.SEALING, own_keys)
        rotate(KeyKind.SEALING, "--batch-size", "25")
        assert numbers_in_use(KeyKind.SEALING) == {2}
        (own_keys / "sealing_1.private.asc").unlink()
        assert (seals(), kept()) == (before, times)

    def test_blind_index(self, rows: None, own_keys: Path) -> None:
        before, times = plaintexts(), kept()
        new_key(KeyKind.BLIND_INDEX, own_keys)
        rotate(KeyKind.BLIND_INDEX, "--batch-size", "25")
        assert numbers_in_use(KeyKind.BLIND_INDEX) == {2}
        assert (plaintexts(), kept()) == (before, times)
        (own_keys / "blind_index_1.key").unlink()
        assert Correspondent.objects.get(value_index="7@example.org").name == "7"

    def test_both_indexes_are_searched_in_between(self, rows: None, own_keys: Path) -> None:
        new_key(KeyKind.BLIND_INDEX, own_keys)
        key_activate(kind=KeyKind.BLIND_INDEX, number=2)
        with storing():
            Correspondent.objects.create(name="new", value="new@example.org")
        assert Correspondent.objects.filter(value_index__in=["new@example.org", "7@example.org"]).count() == 2

    def test_a_second_run_changes_nothing(self, rows: None, own_keys: Path) -> None:
        new_key(KeyKind.DATA, own_keys)
        rotate(KeyKind.DATA)
        before = run("SELECT value FROM kernel_correspondent ORDER BY id")
        assert "rows rewritten: 0" in rotate(KeyKind.DATA)
        assert run("SELECT value FROM kernel_correspondent ORDER BY id") == before

    def test_back_to_the_older_key(self, rows: None, own_keys: Path) -> None:
        new_key(KeyKind.DATA, own_keys)
        rotate(KeyKind.DATA)
        rotate(KeyKind.DATA, "--to", "1")
        assert numbers_in_use(KeyKind.DATA) == {1}

    def test_a_run_is_recorded_and_told_once(self, rows: None, own_keys: Path, told: list[Any]) -> None:
        new_key(KeyKind.DATA, own_keys)
        rotate(KeyKind.DATA, "--batch-size", "5")
        assert told == [(Purpose.ROTATE, "rotate_keys data --to 2")]
        ((name, outcome, counts),) = run("SELECT name, outcome, counts::text FROM audit_jobrun")
        assert (name, outcome) == ("rotate_keys", "succeeded")
        assert f'"kernel_correspondent": {ROWS}' in counts

    def test_a_dry_run_counts(self, rows: None, own_keys: Path) -> None:
        new_key(KeyKind.DATA, own_keys)
        said = rotate(KeyKind.DATA, "--dry-run")
        assert f"kernel_correspondent.value: {ROWS} values" in said
        assert numbers_in_use(KeyKind.DATA) == {1}
        assert EncryptionKey.objects.get(kind="data", number=2).state == "announced"


class TestWhatIsRefused:
    def test_a_key_that_is_not_registered(self, rows: None, own_keys: Path) -> None:
        generate(own_keys, KeyKind.DATA)
        with pytest.raises(CommandError, match="keys_register"):
            rotate(KeyKind.DATA, "--to", "2")

    def test_a_key_that_is_not_held(self, rows: None, own_keys: Path) -> None:
        new_key(KeyKind.DATA, own_keys)
        (own_keys / "data_2.key").unlink()
        with pytest.raises(CommandError, match=r"holds no data_2.key"):
            rotate(KeyKind.DATA)
        assert EncryptionKey.objects.get(kind="data", number=2).state == "announced"

    def test_seals_that_this_process_cannot_open(self, rows: None, own_keys: Path) -> None:
        new_key(KeyKind.SEALING, own_keys)
        (own_keys / "sealing_1.private.asc").unlink()
        with pytest.raises(CommandError, match=r"holds no sealing_1.private.asc"):
            rotate(KeyKind.SEALING)
        assert EncryptionKey.objects.get(kind="sealing", number=2).state == "announced"

    def test_retiring_while_a_row_needs_the_key(self, rows: None, own_keys: Path) -> None:
        new_key(KeyKind.DATA, own_keys)
        with pytest.raises(CommandError, match="cannot become retired"):
            call_command("keys_retire", "data", "1")
        key_activate(kind=KeyKind.DATA, number=2)
        with pytest.raises(CommandError, match=f"{ROWS} in kernel_correspondent.value"):
            call_command("keys_retire", "data", "1")
        rotate(KeyKind.DATA)
        call_command("keys_retire", "data", "1", stdout=StringIO())
        assert EncryptionKey.objects.get(kind="data", number=1).state == "retired"

    def test_a_rotation_that_another_one_overtakes_stops(self, rows: None, own_keys: Path) -> None:
        new_key(KeyKind.DATA, own_keys)
        new_key(KeyKind.DATA, own_keys)

        def overtake(line: str) -> None:
            key_activate(kind=KeyKind.DATA, number=3)

        with pytest.raises(RotationOvertaken, match="data key 3 became active"):
            Rotation(KeyKind.DATA, 2, batch=5, report=overtake).run()

    @committed
    def test_rows_that_are_held_for_too_long(self, rows: None, own_keys: Path) -> None:
        new_key(KeyKind.DATA, own_keys)
        with contextlib.closing(connection.copy()) as other:
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute("SELECT 1 FROM kernel_letter FOR UPDATE")
            with pytest.raises(RotationIncomplete, match="1 rows of kernel_letter are held by others"):
                Rotation(KeyKind.DATA, 2, patience=0.2, report=lambda line: None).run()
            other.rollback()
        rotate(KeyKind.DATA)
        assert numbers_in_use(KeyKind.DATA) == {2}

    def test_the_same_value_twice_is_named(self, rows: None, own_keys: Path) -> None:
        """Between two keys the database cannot see that two rows have the same value."""
        new_key(KeyKind.BLIND_INDEX, own_keys)
        key_activate(kind=KeyKind.BLIND_INDEX, number=2)
        with storing():
            twin = Correspondent.objects.create(name="twin", value="7@example.org")
        with pytest.raises(CommandError, match="has the same value as another one"):
            rotate(KeyKind.BLIND_INDEX)
        assert numbers_in_use(KeyKind.BLIND_INDEX) == {1, 2}
        Correspondent.objects.filter(pk=twin.pk).delete()
        rotate(KeyKind.BLIND_INDEX)
        assert rows_by_number(KeyKind.BLIND_INDEX)["kernel_correspondent.value_index"] == {2: ROWS}

    def test_the_rotation_changes_nothing_else(self, rows: None, own_keys: Path) -> None:
        with keys_for(Purpose.ROTATE, actor=None, reason="a test"):
            with refused("append-only"):
                run("UPDATE kernel_whisper SET id = uuidv7()")
            with refused("append-only"):
                run("UPDATE kernel_historicalcorrespondent SET name = 'x', note = crypt.enc('x')")
            run("UPDATE kernel_historicalcorrespondent SET note = crypt.enc('x')")
            transaction.set_rollback(True)

    def test_facts_change_in_no_other_purpose(self, rows: None) -> None:
        with keys_for(Purpose.DELIVER, actor=None, reason="a test"), refused("append-only"):
            run("UPDATE kernel_whisper SET heard = crypt.enc('x')")


@pytest.fixture
def hands() -> Iterator[Callable[[Callable[[], None]], list[BaseException]]]:
    """Run something again and again in a thread with a connection of its own, until the test ends."""
    stop, threads, failures = threading.Event(), [], []

    def start(work: Callable[[], None]) -> list[BaseException]:
        def go_on() -> None:
            try:
                while not stop.is_set():
                    work()
            except BaseException as error:
                failures.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=go_on)
        thread.start()
        threads.append(thread)
        return failures

    yield start
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []


@committed
def test_readers_and_writers_meet_no_unreadable_row(rows: None, own_keys: Path, hands: Any) -> None:
    """Readers see every row whole at every moment, and no write is lost."""
    ids = list(Correspondent.objects.order_by("id").values_list("pk", flat=True))
    written: dict[Any, int] = {}
    seen = [0]

    def read() -> None:
        with reading():
            found = {row.pk: row for row in Correspondent.objects.order_by("id")}
            past = list(Correspondent.history.values_list("note", flat=True)[:200])
        assert set(ids) <= set(found)
        for place, pk in enumerate(ids):
            assert found[pk].value == f"{place}@example.org"
            assert str(found[pk].note).startswith("note ")
            assert found[pk].born_on == date(2000, 1, 1)
        assert all(str(note).startswith("note ") for note in past)
        seen[0] += 1

    def find() -> None:
        assert Correspondent.objects.get(value_index="11@example.org").pk == ids[11]

    def writer(mine: list[Any]) -> Callable[[], None]:
        counter = [0]

        def write() -> None:
            counter[0] += 1
            pk = mine[counter[0] % len(mine)]
            with storing():
                row = Correspondent.objects.select_for_update().get(pk=pk)
                row.note = f"note {counter[0]}"
                row.save(update_fields=["note"])
            written[pk] = counter[0]

        return write

    for work in (read, find, writer(ids[::2]), writer(ids[1::2])):
        hands(work)
    for kind in (KeyKind.DATA, KeyKind.BLIND_INDEX, KeyKind.DATA):
        generate(own_keys, kind)
        time.sleep(0.2)  # the key is in every process before it becomes active
        keys_register()
        rotate(kind, "--batch-size", "5")
    assert numbers_in_use(KeyKind.BLIND_INDEX) == {2}
    rotate(KeyKind.DATA)
    assert numbers_in_use(KeyKind.DATA) == {3}
    assert seen[0] > 0
    while len(written) < len(ids):
        time.sleep(0.01)
    last = dict(written)
    with reading():
        for pk, note in Correspondent.objects.values_list("pk", "note"):
            assert int(note.removeprefix("note ")) >= last[pk]


@committed
def test_a_run_that_is_killed_goes_on_where_it_was(rows: None, own_keys: Path) -> None:
    before = plaintexts()
    new_key(KeyKind.DATA, own_keys)
    parts = connection.settings_dict
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**parts)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "rotate_keys", "data", "--batch-size", "1"],
        cwd=ROOT,
        env={
            **os.environ,
            "KEYS_DIRECTORY": str(own_keys),
            "TEST_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    while numbers_in_use(KeyKind.DATA) != {1, 2}:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert numbers_in_use(KeyKind.DATA) == {1, 2}
    assert plaintexts() == before
    rotate(KeyKind.DATA)
    assert numbers_in_use(KeyKind.DATA) == {2}
    assert plaintexts() == before


def test_the_list_says_what_is_held_and_needed(rows: None, own_keys: Path) -> None:
    new_key(KeyKind.DATA, own_keys)
    (own_keys / "sealing_1.private.asc").unlink()
    generate(own_keys, KeyKind.BLIND_INDEX)
    out = StringIO()
    call_command("keys_list", stdout=out)
    said = out.getvalue()
    assert "data           1  active     held" in said
    assert "data           2  announced  held" in said
    assert f"values: {ROWS * 2}" in said  # the blind index and its history
    assert "blind_index    2  not registered" in said
    assert "with its private half" not in next(
        line for line in said.splitlines() if line.startswith("sealing")
    )


def test_files_of_another_installation_are_not_registered(own_keys: Path) -> None:
    shutil.rmtree(own_keys)
    generate(own_keys, KeyKind.DATA)
    with pytest.raises(CommandError, match="is not the key registered as number 1"):
        call_command("keys_register")
