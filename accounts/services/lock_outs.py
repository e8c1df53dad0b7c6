"""Lock-outs after failed sign-ins, as staff and jobs see them; how they come about is `accounts.lock_out`."""

from typing import Any
from uuid import UUID

from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.announcements import lock_out_lifted
from accounts.errors import NotLockedOut, OwnAccount
from accounts.models import User
from core.db.locking import NotThere


def lock_outs_of(user_id: UUID) -> Any:
    """What failed of an account and still counts, latest first."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    return AccessAttempt.objects.filter(username=str(user_id), attempt_time__gte=since).order_by(
        "-attempt_time"
    )


@transaction.atomic
def lock_out_lift(*, user_id: UUID, actor: User, reason: str) -> User:
    """Forget every failed attempt of an account, so that its person may try again from everywhere.

    Raises: OwnAccount, NotThere, NotLockedOut (nothing failed lately). Announces: `lock_out_lifted`.
    """
    if str(actor.pk) == str(user_id):
        raise OwnAccount("Nobody lifts their own lock-out. Ask another administrator.")
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotThere("There is no such person.")
    deleted, _ = AccessAttempt.objects.filter(username=str(user_id)).delete()
    if not deleted:
        raise NotLockedOut(f"{user} is not locked out: no attempt to sign in failed lately.")
    lock_out_lifted.send(sender=User, actor=actor, subject=user, reason=reason, detail={"addresses": deleted})
    return user


def lock_outs_forget() -> int:
    """Delete the counters of lock-outs that are over; returns how many."""
    deleted, _ = AccessAttempt.objects.filter(
        attempt_time__lte=timezone.now() - settings.AXES_COOLOFF_TIME
    ).delete()
    return deleted
