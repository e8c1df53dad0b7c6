"""The registry of keys: which exist, which is active, and how to tell a right file from a wrong one."""

from django.db import models
from django.db.models import Q

from core.db.constraints import matches, one_of, rule, unique
from core.db.states import StateMachine
from core.encryption.ring import HIGHEST, KeyKind
from core.models.entity import Entity
from core.models.storage import Volume

PAIRS = [kind.value for kind in KeyKind if kind.is_pair]


class KeyState(models.TextChoices):
    """Where a key stands."""

    ANNOUNCED = "announced", "Announced: processes are being given it"
    ACTIVE = "active", "Active: new values are written under it"
    RETIRING = "retiring", "Retiring: rows may still need it"
    RETIRED = "retired", "Retired: no row needs it"


class EncryptionKey(Entity):
    """One row per key; the key itself is a file and never here.

    Written by `core.encryption.registration` and the rotation, as the owner. Retention: for good, since a number is
    never given twice.
    """

    volume, retention = Volume.SMALL, "for good: the number of a key is never given twice"

    kind = models.TextField(
        choices=KeyKind,
        db_comment="Use: data (encrypted columns), blind_index, sealing (sealed columns), signing (trail).",
    )
    number = models.BigIntegerField(
        db_comment="Number of the key within its kind, from 1 to 255: the first byte of what it encrypted."
    )
    state = models.TextField(
        choices=KeyState,
        default=KeyState.ANNOUNCED,
        db_comment="announced, then active (new values are written under it), then retiring, then retired.",
    )
    check_value = models.TextField(
        db_comment="16 hexadecimal digits of a keyed digest, by which a process sees that its file holds this key."
    )
    public_key = models.TextField(
        null=True,
        db_comment="Public half of a pair: OpenPGP in ASCII armour for sealing, PEM for signing; null for a secret.",
    )

    states = StateMachine(
        KeyState,
        field="state",
        initial=[KeyState.ANNOUNCED],
        moves={
            KeyState.ANNOUNCED: [KeyState.ACTIVE, KeyState.RETIRED],
            KeyState.ACTIVE: [KeyState.RETIRING],
            KeyState.RETIRING: [KeyState.ACTIVE, KeyState.RETIRED],
        },
    )

    class Meta:
        db_table_comment = (
            "One row per key: its number, its state, and by what to recognise it; the keys themselves are files. "
            "Written by the owner: manage.py keys_register, rotate_keys, keys_retire. Kept for good."
        )
        constraints = [
            one_of("kind", KeyKind),
            rule(Q(number__gte=1, number__lte=HIGHEST), "number", f"A key has a number from 1 to {HIGHEST}."),
            matches("check_value", "^[0-9a-f]{16}$", "A check value has 16 hexadecimal digits."),
            rule(
                Q(kind__in=PAIRS, public_key__isnull=False)
                | (~Q(kind__in=PAIRS) & Q(public_key__isnull=True)),
                "public_key",
                "A pair has its public half here, a secret has nothing here.",
            ),
            unique("kind", "number", message="There is a key of this kind and number."),
            unique(
                "kind", when=Q(state="active"), name="active", message="A key of this kind is active already."
            ),
        ]
