"""What goes wrong with keys, in words that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from core.errors import Refused


class KeyMissing(Refused):
    """This process does not hold the key that the work needs."""

    code = "key_missing"


class KeyMalformed(Refused):
    """A file of the keys directory does not hold a key of its kind."""

    code = "key_malformed"


class KeyExists(Refused):
    """A key is never overwritten: what it encrypted would be lost."""

    code = "key_exists"


class KeyMismatch(Refused):
    """A file holds another key than the one registered under its number."""

    code = "key_mismatch"


class KeyNotRegistered(Refused):
    """The registry does not know the key, or none of the kind is active."""

    code = "key_not_registered"


class KeyInUse(Refused):
    """Rows still need the key."""

    code = "key_in_use"


class RotationOvertaken(Refused):
    """Another rotation of the same kind changed the active key."""

    code = "rotation_overtaken"


class RotationIncomplete(Refused):
    """Rows are left under an older key."""

    code = "rotation_incomplete"


class KeysNotInForce(Refused):
    """Outside of `keys_for`, or in a purpose that does not allow this."""

    code = "keys_not_in_force"


class ReasonMissing(Refused):
    """Keys that read are given for a reason."""

    code = "reason_missing"


class ReadingNotRecorded(Refused):
    """Nobody listens who would record that keys are used: nothing is revealed."""

    code = "reading_not_recorded"


class CiphertextBroken(Refused):
    """A ciphertext was cut short or changed, or is none."""

    code = "ciphertext_broken"


class MaskWritten(Refused):
    """What is shown in place of a protected value was about to be stored as the value."""

    code = "mask_written"


class ProtectedColumnImported(Refused):
    """A file holds a column that is not imported."""

    code = "protected_column_imported"


class ForeignBlindIndex(Refused):
    """A blind index was made with a key that this process does not hold."""

    code = "foreign_blind_index"


REFUSALS: dict[str, type[Refused]] = {
    "VB001": KeysNotInForce,
    "VB002": KeysNotInForce,
    "VB003": KeyMissing,
    "VB004": CiphertextBroken,
    "VB005": CiphertextBroken,
    "VB006": KeyNotRegistered,
}
"""What the functions of the schema `crypt` raise, by SQLSTATE: VB is a class that neither the standard nor
PostgreSQL uses (SQL:2023, part 2, table 38: classes from I on are the implementation's)."""


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the functions of the schema `crypt` refuse into `Refused`, with what to do."""
    try:
        yield
    except DatabaseError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        refusal = REFUSALS.get(getattr(diagnosis, "sqlstate", None) or "")
        if refusal is None or diagnosis is None:
            raise
        words = [part for part in (diagnosis.message_primary, diagnosis.message_hint) if part]
        raise refusal(" ".join(words)) from error
