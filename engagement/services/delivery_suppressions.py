"""Addresses to which nothing is sent: they bounced, complained, asked for it, or staff decided so."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from accounts.services.addresses import address_check
from core.db.locking import locked
from core.encryption import Purpose, keys_for
from core.errors import Refused
from engagement.models import DeliverySuppression
from engagement.notification_announcements import address_suppressed, suppression_lifted
from engagement.notification_choices import SuppressionReason
from engagement.notification_errors import SuppressionRefused


@transaction.atomic
def address_suppress(
    *,
    address: str,
    user_id: UUID | None,
    reason: SuppressionReason,
    words: str = "",
    actor: User | None,
) -> DeliverySuppression:
    """Send nothing to an address any more; one that is suppressed already stays so.

    Raises: MalformedAddress, KeyMissing. Announces: `address_suppressed`.
    """
    held = DeliverySuppression.objects.in_force().filter(address_index=address).first()
    if held is not None:
        return held
    with keys_for(Purpose.STORE, actor=actor, reason="address_suppress"):
        rows = DeliverySuppression.objects.bulk_create(
            [DeliverySuppression(user_id=user_id, address=address, reason=reason, words=words[:500])],
            ignore_conflicts=True,
        )
    found = DeliverySuppression.objects.in_force().filter(address_index=address).first()
    if found is None or found.pk != rows[0].pk:
        # Somebody else suppressed it a moment ago.
        return found or rows[0]
    address_suppressed.send(
        sender=DeliverySuppression, actor=actor, subject=found, reason=words, detail={"reason": reason.value}
    )
    return found


@transaction.atomic
def address_suppress_by_staff(*, address: str, actor: User, reason: str) -> DeliverySuppression:
    """A member of staff decides that nothing is sent to an address. Raises and announces as `address_suppress`.

    Raises SuppressionRefused where it is suppressed already, and for what is no address.
    """
    try:
        address = address_check(address)
    except Refused as refusal:
        raise SuppressionRefused(str(refusal)) from refusal
    if DeliverySuppression.objects.in_force().filter(address_index=address).exists():
        raise SuppressionRefused("Nothing is sent to this address already.")
    return address_suppress(
        address=address, user_id=None, reason=SuppressionReason.STAFF, words=reason, actor=actor
    )


@transaction.atomic
def suppression_lift(
    *, suppression_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> DeliverySuppression:
    """Send to the address again.

    Locks: the suppression. Raises: SuppressionRefused (lifted already), NotThere, StaleVersion. Announces:
    `suppression_lifted`.
    """
    row = locked(DeliverySuppression, suppression_id, expected_version=expected_version)
    if row.lifted_at is not None:
        raise SuppressionRefused("This was lifted already.")
    DeliverySuppression.objects.filter(pk=row.pk).update(lifted_at=Now(), lifted_by_id=actor.pk)
    row.refresh_from_db()
    suppression_lifted.send(
        sender=DeliverySuppression, actor=actor, subject=row, reason=reason, changed=("lifted_at",)
    )
    return row
