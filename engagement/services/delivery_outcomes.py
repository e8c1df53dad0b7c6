"""What became of a delivery: written down, with what follows from it for the address or the browser."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from core.db.locking import locked
from core.jobs.retries import Backoff
from engagement.models import DeliveryAttempt, PushSubscription
from engagement.notification_choices import DeliveryStatus, SuppressionReason
from engagement.notifications.port import Outcome, Result
from engagement.services.delivery_suppressions import address_suppress

AGAIN = Backoff(attempts=8, first=60, factor=4, longest=6 * 60 * 60)
"""A minute, four, a quarter of an hour ... six hours: a mail server that is away for a night is met again."""

FINAL = {
    Result.SENT: DeliveryStatus.SENT,
    Result.DELIVERED: DeliveryStatus.DELIVERED,
    Result.BOUNCED: DeliveryStatus.BOUNCED,
    Result.FAILED: DeliveryStatus.FAILED,
    Result.GONE: DeliveryStatus.SUPPRESSED,
}


@transaction.atomic
def delivery_settle(*, delivery_id: UUID, outcome: Outcome, address: str = "") -> DeliveryAttempt:
    """Write down what became of a delivery that was taken up; one that is settled already stays as it is.

    A bounce suppresses the address; a browser that is gone is revoked. Runs as the worker. Locks: the delivery.
    Raises: NotThere.
    """
    delivery = locked(DeliveryAttempt, delivery_id)
    if delivery.status != DeliveryStatus.SENDING:
        return delivery
    result = outcome.result
    if result is Result.RETRY and delivery.tries >= AGAIN.attempts:
        result = Result.FAILED
    changed: dict[str, object] = {"words": outcome.words[:500]}
    if result is Result.RETRY:
        wait = outcome.retry_after or AGAIN.wait(delivery.tries)
        changed |= {"status": DeliveryStatus.QUEUED, "next_try_at": Now() + wait}
    else:
        changed |= {"status": FINAL[result], "next_try_at": None, "provider_id": outcome.provider_id[:255]}
        if result in (Result.SENT, Result.DELIVERED):
            changed["sent_at"] = Now()
        if result is not Result.SENT:
            changed["settled_at"] = Now()
    DeliveryAttempt.objects.filter(pk=delivery.pk).update(**changed)
    if result is Result.BOUNCED and address:
        address_suppress(
            address=address,
            user_id=delivery.recipient_id,
            reason=SuppressionReason.BOUNCED,
            words=outcome.words,
            actor=None,
        )
    browser = delivery.push_subscription_id
    if result is Result.GONE and browser is not None and address:
        PushSubscription.objects.in_use().filter(pk=browser).update(
            revoked_at=Now(), revoked_words=outcome.words[:200] or "Gone."
        )
    delivery.refresh_from_db()
    return delivery
