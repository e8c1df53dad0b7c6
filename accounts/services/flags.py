"""Moderation flags on accounts."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.announcements import flag_raised, flag_resolved
from accounts.choices import FlagKind, FlagResolution, FlagSource
from accounts.errors import AlreadyEnded, OwnAccount
from accounts.models import AccountFlag, User
from core.db.locking import locked
from core.db.refusals import refused_as
from core.errors import Refused


class AlreadyFlagged(Refused):
    """A flag of this kind is open on the account."""

    code = "already_flagged"


@transaction.atomic
def flag_raise(
    *,
    user_id: UUID,
    kind: FlagKind | str,
    actor: User | None,
    reason: str,
    source: FlagSource = FlagSource.STAFF,
    confidence: Decimal = Decimal(1),
) -> AccountFlag:
    """Note a suspicion about an account. `confidence` lies between 0 and 1.

    Locks: the person. Raises: OwnAccount, AlreadyFlagged, NotThere, Refused (the reason is too long or no text).
    Announces: `flag_raised`.
    """
    if actor is not None and str(actor.pk) == str(user_id):
        raise OwnAccount("Nobody flags their own account.")
    user = locked(User, user_id)
    kind = FlagKind(kind)
    if AccountFlag.objects.open().filter(user=user, kind=kind).exists():
        raise AlreadyFlagged(f"A flag for {kind.label.lower()} is open on {user} already.")
    flag = AccountFlag(
        user=user, kind=kind, source=source, confidence=confidence, note=reason, raised_by=actor
    )
    with refused_as(Refused):
        flag.save(force_insert=True)
    flag_raised.send(
        sender=AccountFlag,
        actor=actor,
        subject=user,
        reason=reason,
        detail={"kind": kind.value, "source": source.value},
    )
    return flag


@transaction.atomic
def flag_resolve(
    *,
    flag_id: UUID,
    resolution: FlagResolution | str,
    actor: User | None,
    reason: str,
    expected_version: int | None = None,
) -> AccountFlag:
    """Say whether a flag was right. Locks: the flag. Raises: OwnAccount, AlreadyEnded, NotThere, StaleVersion.

    Announces: `flag_resolved`.
    """
    flag = locked(AccountFlag, flag_id, expected_version=expected_version)
    if actor is not None and actor.pk == flag.user_id:
        raise OwnAccount("Nobody resolves a flag on their own account.")
    if flag.resolved_at is not None:
        raise AlreadyEnded("This flag is resolved already.")
    flag.resolved_at, flag.resolved_by, flag.resolution = timezone.now(), actor, FlagResolution(resolution)
    flag._change_reason = reason  # type: ignore[attr-defined]
    flag.save(update_fields=["resolved_at", "resolved_by", "resolution"])
    flag_resolved.send(
        sender=AccountFlag,
        actor=actor,
        subject=User.objects.get(pk=flag.user_id),
        reason=reason,
        changed=("resolution",),
        detail={"kind": flag.kind, "resolution": str(flag.resolution)},
    )
    return flag
