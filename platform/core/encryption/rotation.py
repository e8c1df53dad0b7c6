"""Encrypting everything again under another key while readers and writers go on.

Rows are taken in batches by primary key, each in a short transaction that skips rows somebody else holds; passes are
repeated until none is left. What is done is seen in the first byte of each value, so that a run which was killed is
continued by the next one. The triggers of the house know the rotation: times, versions and facts stay as they are.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import IntegrityError, connection, transaction

from core.encryption.blind_index import BlindIndexField
from core.encryption.columns import ProtectedField
from core.encryption.errors import KeyMissing, KeyNotRegistered, RotationIncomplete, RotationOvertaken
from core.encryption.force import in_force, keys_for
from core.encryption.purposes import Purpose
from core.encryption.registration import key_activate
from core.encryption.ring import KeyKind, ring
from core.encryption.usage import ProtectedColumn, columns_under, rows_by_number
from core.models.encryption_key import EncryptionKey, KeyState

BATCH = 500
"""Rows per transaction: some ten milliseconds of locks for encrypted columns."""

PATIENCE = 60.0
"""Seconds for which rows that somebody else holds are waited for, without any progress."""

Report = Callable[[str], None]
AGAIN = {KeyKind.DATA: "crypt.enc(crypt.dec({0}))", KeyKind.SEALING: "crypt.seal(crypt.open({0}))"}


@dataclass
class Rotation:
    """One run: every value of `kind` comes under the key `number`."""

    kind: KeyKind
    number: int
    batch: int = BATCH
    patience: float = PATIENCE
    report: Report = print
    counts: Counter[str] = field(default_factory=Counter)

    def run(self) -> Counter[str]:
        """Activate the key and encrypt everything again; returns how many rows of each table were rewritten.

        Raises KeyNotRegistered, KeyMissing, KeyMismatch, IllegalTransition before anything is changed;
        RotationOvertaken when another rotation changed the active key, RotationIncomplete when rows are left.
        """
        self.check()
        with keys_for(Purpose.ROTATE, actor=None, reason=f"rotate_keys {self.kind.value} --to {self.number}"):
            key_activate(kind=self.kind, number=self.number)
        for columns in self._tables():
            self._rewrite(columns)
        return self.counts

    def pending(self) -> Counter[str]:
        """How many values of each column are under another key."""
        return Counter(
            {name: counts.total() - counts[self.number] for name, counts in rows_by_number(self.kind).items()}
        )

    def check(self) -> None:
        """Raise Refused unless the registry and this process have what the rotation needs."""
        key = EncryptionKey.objects.filter(kind=self.kind, number=self.number).first()
        if key is None:
            raise KeyNotRegistered(
                f"The registry knows no {self.kind.value} key {self.number}: make it with `manage.py keys_generate "
                f"{self.kind.value}`, give it to every process, then run `manage.py keys_register`."
            )
        if key.state != KeyState.ACTIVE:
            EncryptionKey.states.check(key.state, KeyState.ACTIVE)
        needed = {
            self.number,
            *(number for counts in rows_by_number(self.kind).values() for number in counts),
        }
        for number in sorted(needed):
            self._hold(number)

    def _hold(self, number: int) -> None:
        """Raise KeyMissing when this process lacks what reads or writes values under a key."""
        held = ring()
        if self.kind is KeyKind.SEALING:
            if number != self.number:
                held.private_key(KeyKind.SEALING, number)
        elif number in held.numbers(self.kind):
            held.secret(self.kind, number)
        elif self.kind is KeyKind.DATA or number == self.number:
            raise KeyMissing(
                f"This process holds no {self.kind.value}_{number}.key, which the rotation needs: mount it into "
                "KEYS_DIRECTORY. Every other process needs the new key before the rotation, too."
            )

    def _tables(self) -> Iterator[list[ProtectedColumn]]:
        columns = sorted(columns_under(self.kind), key=lambda column: column.table)
        for _, group in groupby(columns, key=lambda column: column.table):
            yield list(group)

    def _rewrite(self, columns: list[ProtectedColumn]) -> None:
        """Pass over one table until no value is left under another key."""
        table = columns[0].model._meta.db_table
        waited_since: float | None = None
        while True:
            rewritten = self._pass(columns)
            self.counts[table] += rewritten
            left = self._left(columns)
            if rewritten or not left:
                self.report(f"{table}: {self.counts[table]} rows rewritten, {left} to go")
            if not left:
                return
            now = time.monotonic()
            waited_since = now if rewritten or waited_since is None else waited_since
            if now - waited_since > self.patience:
                raise RotationIncomplete(
                    f"{left} rows of {table} are held by others for more than {self.patience:.0f} s. What is done "
                    "stays done: run the rotation again."
                )
            time.sleep(0.05)

    def _pass(self, columns: list[ProtectedColumn]) -> int:
        rewrite = self._rewrite_indexes if self.kind is KeyKind.BLIND_INDEX else self._rewrite_values
        done, last = 0, None
        while True:
            with in_force(Purpose.ROTATE) as keys:
                if keys.active.get(self.kind) != self.number:
                    raise RotationOvertaken(
                        f"The {self.kind.value} key {keys.active.get(self.kind)} became active while this rotation to "
                        f"{self.number} ran: let the newer one finish."
                    )
                taken = rewrite(columns, last)
            done += len(taken)
            if len(taken) < self.batch:
                return done
            last = max(taken)
            self.report(f"{columns[0].model._meta.db_table}: {done} rows in this pass")

    def _others(self, columns: list[ProtectedColumn]) -> str:
        return " OR ".join(f"get_byte({column.name}, 0) <> {int(self.number)}" for column in columns)

    def _left(self, columns: list[ProtectedColumn]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {columns[0].table} WHERE {self._others(columns)}")
            return int(cursor.fetchone()[0])

    def _batch(self, columns: list[ProtectedColumn], what: str) -> str:
        """The next rows after a key, locked; rows that somebody else holds wait for the next pass."""
        key = _key(columns)
        return (
            f"SELECT {what} FROM {columns[0].table} WHERE ({self._others(columns)}) "
            f"AND (%(last)s::{_key_type(columns)} IS NULL OR {key} > %(last)s::{_key_type(columns)}) "
            f"ORDER BY {key} LIMIT %(batch)s FOR UPDATE SKIP LOCKED"
        )

    def _rewrite_values(self, columns: list[ProtectedColumn], last: Any) -> list[Any]:
        key, table = _key(columns), columns[0].table
        again = ", ".join(
            f"{column.name} = CASE WHEN get_byte(target.{column.name}, 0) <> {int(self.number)} "
            f"THEN {AGAIN[self.kind].format(f'target.{column.name}')} ELSE target.{column.name} END"
            for column in columns
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH batch AS ({self._batch(columns, key)}) "
                f"UPDATE {table} target SET {again} FROM batch WHERE target.{key} = batch.{key} RETURNING target.{key}",
                {"last": last, "batch": self.batch},
            )
            return [row[0] for row in cursor.fetchall()]

    def _rewrite_indexes(self, columns: list[ProtectedColumn], last: Any) -> list[Any]:
        """Compute the indexes from the plaintext. A value that two rows have is left, and named by `_left`."""
        key = _key(columns)
        taken: set[Any] = set()
        for column in columns:
            index = column.field
            assert isinstance(index, BlindIndexField)  # noqa: S101  (columns_under gave it)
            source = column.model._meta.get_field(index.source)
            assert isinstance(source, ProtectedField)  # noqa: S101
            with connection.cursor() as cursor:
                cursor.execute(
                    self._batch([column], f'{key}, crypt.dec("{source.column}")'),
                    {"last": last, "batch": self.batch},
                )
                rows = [(row_key, index.digest(plain, self.number)) for row_key, plain in cursor.fetchall()]
            taken.update(row_key for row_key, _ in rows)
            self._write_indexes(column, rows)
        return sorted(taken)

    def _write_indexes(self, column: ProtectedColumn, rows: list[tuple[Any, bytes]]) -> None:
        try:
            with transaction.atomic():
                _set_indexes(column, rows)
        except IntegrityError as error:
            if len(rows) <= 1:
                raise RotationIncomplete(
                    f"The row {rows[0][0]} of {column.model._meta.db_table} has the same value as another one, written "
                    "while two blind index keys were in use: correct one of them, then run the rotation again."
                ) from error
            half = len(rows) // 2
            self._write_indexes(column, rows[:half])
            self._write_indexes(column, rows[half:])


def _key(columns: list[ProtectedColumn]) -> str:
    return connection.ops.quote_name(str(columns[0].model._meta.pk.column))


def _key_type(columns: list[ProtectedColumn]) -> str:
    return str(columns[0].model._meta.pk.db_type(connection))


def _set_indexes(column: ProtectedColumn, rows: list[tuple[Any, bytes]]) -> None:
    if not rows:
        return
    key, kind = _key([column]), _key_type([column])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {column.table} target SET {column.name} = made.digest "
            f"FROM unnest(%s::{kind}[], %s::bytea[]) AS made (row_key, digest) WHERE target.{key} = made.row_key",
            [[row_key for row_key, _ in rows], [digest for _, digest in rows]],
        )
