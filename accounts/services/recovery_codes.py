"""Recovery codes: ten at a time, shown once, each good for one sign-in."""

import secrets
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from accounts.announcements import recovery_code_used, recovery_codes_made
from accounts.models import RecoveryCode, User

HOW_MANY = 10
ALPHABET = "abcdefghjkmnpqrstvwxyz0123456789"
"""Crockford's base 32: no i, l, o or u, so that nothing is mistaken for 1, 0 or v."""
LENGTH = 16
"""Of 5 random bits each: 80."""
MISREAD = str.maketrans("ilou", "110v")


def recovery_code_digest(code: str) -> bytes:
    """The SHA-256 by which a code is known, however it was typed; 32 bytes."""
    letters = "".join(code.split()).replace("-", "").lower().translate(MISREAD)
    return sha256(letters.encode()).digest()


def _new() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, LENGTH, 4))


@transaction.atomic
def recovery_codes_make(*, user: User) -> list[str]:
    """Give the person ten new codes in place of all earlier ones; the only time they can be read.

    Announces: `recovery_codes_made`.
    """
    RecoveryCode.objects.filter(user=user).delete()
    codes = [_new() for _ in range(HOW_MANY)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=user.pk, digest=recovery_code_digest(code)) for code in codes
    )
    recovery_codes_made.send(sender=RecoveryCode, actor=user, subject=user, detail={"codes": HOW_MANY})
    return codes


def recovery_codes_left(user: User) -> int:
    """How many codes still serve."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


@transaction.atomic
def recovery_code_spend(*, user: User, code: str) -> bool | None:
    """Use a code up: True if it served, None if it was used before, False if there is none.

    Locks: the code, so that of two requests at once one is told that it was used. Announces: `recovery_code_used`.
    """
    found = (
        RecoveryCode.objects.select_for_update().filter(user=user, digest=recovery_code_digest(code)).first()
    )
    if found is None:
        return False
    if found.used_at is not None:
        return None
    RecoveryCode.objects.filter(pk=found.pk).update(used_at=timezone.now())
    recovery_code_used.send(
        sender=RecoveryCode, actor=user, subject=user, detail={"codes left": recovery_codes_left(user)}
    )
    return True
