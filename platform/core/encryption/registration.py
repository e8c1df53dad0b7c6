"""Entering keys into the registry, and taking them out of use. Runs as the owner of the schema."""

from collections import Counter
from collections.abc import Iterator

from django.db import connection, transaction

from core.encryption.announcements import key_activated, key_retired
from core.encryption.errors import KeyInUse, KeyMismatch, KeyNotRegistered
from core.encryption.registry import check_value
from core.encryption.ring import KeyKind, KeyRing, file_name, ring
from core.encryption.usage import rows_under
from core.models.encryption_key import EncryptionKey, KeyState

LOCK = "LOCK TABLE core_encryptionkey IN SHARE ROW EXCLUSIVE MODE"


@transaction.atomic
def keys_register() -> list[EncryptionKey]:
    """Enter every key that this process holds and the registry does not know; returns the new rows.

    A new key is announced; the first one of its kind becomes active at once. Locks: the registry against other writers.
    Raises KeyMismatch when a file holds another key than the one registered under its number.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    held = ring()
    added = [row for kind in KeyKind for row in _register(held, kind)]
    for kind in {row.kind for row in added}:
        keys = EncryptionKey.objects.filter(kind=kind)
        if not keys.exclude(state=KeyState.ANNOUNCED).exists():
            _move(keys.earliest("number"), KeyState.ACTIVE)
    return added


def _register(held: KeyRing, kind: KeyKind) -> Iterator[EncryptionKey]:
    known = dict(EncryptionKey.objects.filter(kind=kind).values_list("number", "check_value"))
    for number in held.numbers(kind):
        value = check_value(held, kind, number)
        if number not in known:
            yield EncryptionKey.objects.create(
                kind=kind,
                number=number,
                check_value=value,
                public_key=held.public_key(kind, number) if kind.is_pair else None,
            )
        elif known[number] != value:
            raise KeyMismatch(
                f"{file_name(kind, number)} in KEYS_DIRECTORY is not the key registered as number {number}: restore "
                "that key from its back-up, or name the new one by a number that was never used."
            )


@transaction.atomic
def key_activate(*, kind: KeyKind, number: int) -> EncryptionKey:
    """Let new values be written under a registered key; the one before it begins to retire.

    Locks: the registry against other writers. Raises KeyNotRegistered, IllegalTransition. Announces: key_activated.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    key = _registered(kind, number)
    if key.state == KeyState.ACTIVE:
        return key
    EncryptionKey.states.check(key.state, KeyState.ACTIVE)
    for before in EncryptionKey.objects.filter(kind=kind, state=KeyState.ACTIVE):
        _move(before, KeyState.RETIRING)
    _move(key, KeyState.ACTIVE)
    key_activated.send(sender=EncryptionKey, subject=key, detail={"kind": kind.value, "number": number})
    return key


@transaction.atomic
def key_retire(*, kind: KeyKind, number: int) -> EncryptionKey:
    """Take a key out of use for good; its file is then kept with the oldest back-up that needs it alone.

    Locks: the registry against other writers. Raises KeyNotRegistered, IllegalTransition, and KeyInUse while any row
    needs the key. Announces: key_retired.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    key = _registered(kind, number)
    EncryptionKey.states.check(key.state, KeyState.RETIRED)
    used: Counter[str] = rows_under(kind, number)
    if used:
        tables = ", ".join(f"{rows} in {table}" for table, rows in sorted(used.items()))
        raise KeyInUse(
            f"The {kind.value} key {number} is still needed by rows: {tables}. "
            f"Run `manage.py rotate_keys {kind.value}` until none is left."
        )
    _move(key, KeyState.RETIRED)
    key_retired.send(sender=EncryptionKey, subject=key, detail={"kind": kind.value, "number": number})
    return key


def _registered(kind: KeyKind, number: int) -> EncryptionKey:
    key = EncryptionKey.objects.filter(kind=kind, number=number).first()
    if key is None:
        raise KeyNotRegistered(
            f"The registry knows no {kind.value} key {number}: make its file with `manage.py keys_generate "
            f"{kind.value}`, give it to every process that needs it, then run `manage.py keys_register`."
        )
    return key


def _move(key: EncryptionKey, state: KeyState) -> None:
    key.state = state
    key.save(update_fields=["state", "updated_at"])
