"""Keys in force: for one block, in one transaction, for one purpose.

The keys reach PostgreSQL as transaction-local settings, bound as parameters: they are in no text of a statement,
and no later client of a pooled connection finds them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from core.encryption.errors import KeysNotInForce, ReadingNotRecorded, ReasonMissing, explained
from core.encryption.purposes import Purpose
from core.encryption.registry import passphrase, registered_keys
from core.encryption.ring import KeyKind, KeyRing, ring
from core.encryption.signals import keys_used

PURPOSE = "app.key_purpose"
DATA_KEY = "app.data_key_{}"
PRIVATE_KEY = "app.sealing_private_key_{}"


@dataclass(frozen=True)
class KeysInForce:
    """What the innermost `keys_for` gave: the purpose, and by kind the number that new values are written under."""

    purpose: Purpose
    active: Mapping[KeyKind, int]
    settings: Mapping[str, str]

    def __repr__(self) -> str:  # the settings hold keys
        return f"<KeysInForce: {self.purpose.value}>"


_current: ContextVar[KeysInForce | None] = ContextVar("keys_in_force", default=None)


def current() -> KeysInForce | None:
    """The keys of the innermost `keys_for`, None outside of any."""
    return _current.get()


def needed() -> KeysInForce:
    """The keys of the innermost `keys_for`. Raises KeysNotInForce outside of any."""
    keys = _current.get()
    if keys is None:
        raise KeysNotInForce(
            "No keys are in force: write protected columns inside `with keys_for(Purpose.STORE, ...)`."
        )
    return keys


def reading() -> bool:
    """Whether encrypted columns load as plaintext now."""
    keys = _current.get()
    return keys is not None and keys.purpose.reads


@contextmanager
def keys_for(purpose: Purpose, *, actor: Any, reason: str = "") -> Iterator[KeysInForce]:
    """Run a block in a transaction with the keys of this process in force.

    `Purpose.STORE` encrypts and cannot read. The others read as well, need a reason, and are told to `keys_used` first
    (all but `Purpose.VERIFY`, which shows nobody what it reads); `actor` is the user who asks, None for the system.
    Blocks nest: the inner purpose holds inside, the outer one afterwards. Queries are to be evaluated inside the block.
    Raises ReasonMissing, ReadingNotRecorded, KeyMismatch, KeyMalformed; and, for a statement in the block,
    KeysNotInForce, KeyMissing, CiphertextBroken or KeyNotRegistered.
    """
    purpose = Purpose(purpose)
    if purpose.reads and not reason.strip():
        raise ReasonMissing("Protected data is read for a reason: say which.")
    with transaction.atomic():
        if purpose.is_told:
            _tell(purpose, actor, reason)
        with in_force(purpose) as keys:
            yield keys


@contextmanager
def in_force(purpose: Purpose) -> Iterator[KeysInForce]:
    """`keys_for` without telling anybody; for the batches of a rotation, which is told as a whole."""
    outer = _current.get()
    with explained(), transaction.atomic():
        registered = registered_keys()
        keys = KeysInForce(
            purpose,
            {key.kind: key.number for key in registered if key.is_active},
            {PURPOSE: purpose.value, **_settings(ring(), purpose, registered)},
        )
        _write(keys.settings)
        token = _current.set(keys)
        try:
            yield keys
        finally:
            _current.reset(token)
        if not connection.needs_rollback:  # a roll-back restores the settings itself
            _write({**dict.fromkeys(keys.settings, ""), **(outer.settings if outer else {})})


def _tell(purpose: Purpose, actor: Any, reason: str) -> None:
    told = keys_used.send(sender=Purpose, purpose=purpose, actor=actor, reason=reason)
    if purpose is Purpose.REVEAL and not told:
        raise ReadingNotRecorded("Nothing records what is revealed here, so nothing is revealed.")


def _settings(held: KeyRing, purpose: Purpose, registered: Any) -> dict[str, str]:
    """Every key that is held and registered; the registry has vouched for each."""
    data = {key.number for key in registered if key.kind is KeyKind.DATA}
    found = {
        DATA_KEY.format(number): passphrase(held.secret(KeyKind.DATA, number))
        for number in held.numbers(KeyKind.DATA)
        if number in data
    }
    if purpose.opens:
        found |= {
            PRIVATE_KEY.format(number): held.private_key(KeyKind.SEALING, number)
            for number in held.numbers(KeyKind.SEALING, private=True)
        }
    return found


def _write(settings: Mapping[str, str]) -> None:
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", [part for pair in settings.items() for part in pair])
