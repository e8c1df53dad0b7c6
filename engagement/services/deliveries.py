"""Sending: taken up in one transaction, sent outside of any, settled in another one.

What is taken up has a lease. Whoever is killed while sending leaves a row that is due again when the lease is over: the
message may go out twice then, under the same Message-ID, by which the receiver knows it.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.choices import ContactKind
from accounts.models import User, UserContact
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from engagement.models import DeliveryAttempt, DeliverySuppression, PushSubscription
from engagement.notification_announcements import delivery_retried
from engagement.notification_choices import DeliveryStatus, NotificationChannel, NotificationFrequency
from engagement.notification_errors import DeliveryRefused, VariableMissing
from engagement.notifications.port import Destination, Message, Outcome, Result
from engagement.notifications.registry import channel_of
from engagement.notifications.rendering import render
from engagement.notifications.unsubscribing import unsubscribe_link
from engagement.services.delivery_outcomes import delivery_settle

LEASE = timedelta(minutes=10)
AT_ONCE = 100
"""Deliveries that one transaction takes up: their addresses are read with one use of the keys."""


def deliveries_send(*, limit: int = AT_ONCE) -> int:
    """Send what is due, at most `limit`; returns how many were taken up. As the worker, in its own transactions."""
    with acting(Role.WORKER, durable=True):
        taken = _take(limit)
    if not taken:
        return 0
    with acting(Role.WORKER, durable=True):
        messages = _messages(taken)
    for delivery, message in messages:
        outcome = channel_of(delivery.channel).send(message) if isinstance(message, Message) else message
        with acting(Role.WORKER, durable=True):
            delivery_settle(
                delivery_id=delivery.pk,
                outcome=outcome,
                address=message.destination.address if isinstance(message, Message) else "",
            )
    return len(taken)


def _take(limit: int) -> list[DeliveryAttempt]:
    """The longest waiting, that nobody else takes up; the try is counted before it is made."""
    due = (
        DeliveryAttempt.objects.due()
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("next_try_at", "pk")[:limit]
    )
    ids = [delivery.pk for delivery in due]
    DeliveryAttempt.objects.filter(pk__in=ids).update(
        status=DeliveryStatus.SENDING, tries=F("tries") + 1, next_try_at=Now() + LEASE
    )
    return list(
        DeliveryAttempt.objects.filter(pk__in=ids)
        .select_related("notice", "happening__trigger", "template_version", "recipient")
        .order_by("pk")
    )


def _messages(taken: Sequence[DeliveryAttempt]) -> list[tuple[DeliveryAttempt, Message | Outcome]]:
    """Each delivery with its message, or with what became of it unsent."""
    with keys_for(Purpose.DELIVER, actor=None, reason="notifications"):
        addresses = addresses_of({delivery.recipient_id for delivery in taken})
        browsers = {
            browser.pk: browser
            for browser in PushSubscription.objects.in_use().filter(
                pk__in=[delivery.push_subscription_id for delivery in taken if delivery.push_subscription_id]
            )
        }
    now = database_now()
    suppressed = suppressed_among(addresses.values())
    found: list[tuple[DeliveryAttempt, Message | Outcome]] = []
    for delivery in taken:
        notification = delivery.notice
        if notification.expires_at is not None and notification.expires_at <= now:
            found.append((delivery, Outcome(Result.GONE, "It was of no use any more.")))
            continue
        destination = _destination(delivery, addresses, browsers, suppressed)
        found.append(
            (delivery, destination if isinstance(destination, Outcome) else _message(delivery, destination))
        )
    return found


def _destination(
    delivery: DeliveryAttempt,
    addresses: dict[UUID, str],
    browsers: dict[UUID, PushSubscription],
    suppressed: set[str],
) -> Destination | Outcome:
    if delivery.channel == NotificationChannel.EMAIL:
        address = addresses.get(delivery.recipient_id)
        if address is None:
            return Outcome(Result.GONE, "The person has no address any more.")
        if address in suppressed:
            return Outcome(Result.GONE, "Nothing is sent to this address: it is suppressed.")
        return Destination(address)
    browser = browsers.get(delivery.push_subscription_id) if delivery.push_subscription_id else None
    if browser is None:
        return Outcome(Result.GONE, "The browser is subscribed no more.")
    return Destination(str(browser.endpoint), str(browser.public_key), str(browser.auth_secret))


def _message(delivery: DeliveryAttempt, destination: Destination) -> Message | Outcome:
    version, event = delivery.template_version, delivery.happening
    trigger = event.trigger
    try:
        words = render(subject=version.subject, body=version.body, variables=event.variables)
    except VariableMissing:
        return Outcome(Result.GONE, "What it tells of was erased.")
    link = delivery.notice.deep_link
    return Message(
        delivery_id=delivery.pk,
        destination=destination,
        subject=words.subject,
        body=words.body,
        link=f"{settings.PUBLIC_ADDRESS}{link}" if link else "",
        reference=delivery.pk.hex,
        group_key=delivery.notice.group_key,
        may_unsubscribe=not trigger.is_mandatory,
        unsubscribe_link=""
        if trigger.is_mandatory
        else unsubscribe_link(user_id=delivery.recipient_id, category=trigger.category),
    )


def addresses_of(people: set[UUID]) -> dict[UUID, str]:
    """The primary e-mail address of each; with keys in force."""
    contacts = UserContact.objects.filter(user_id__in=people, kind=ContactKind.EMAIL, is_primary=True)
    return {contact.user_id: str(contact.value) for contact in contacts}


def suppressed_among(addresses: object) -> set[str]:
    """Those of the addresses to which nothing is sent: one query."""
    asked = list(dict.fromkeys(addresses))  # type: ignore[call-overload]
    if not asked:
        return set()
    index = DeliverySuppression._meta.get_field("address_index")
    digests = {bytes(digest): address for address in asked for digest in index.digests(address)}  # type: ignore[union-attr]
    found = DeliverySuppression.objects.in_force().filter(address_index__in=list(digests))
    return {digests[bytes(row)] for row in found.values_list("address_index", flat=True)}


@transaction.atomic
def delivery_retry(*, delivery_id: UUID, actor: User, reason: str) -> DeliveryAttempt:
    """Have a delivery that failed, came back or was not sent tried again, at once and as if for the first time.

    Locks: the delivery. Raises: DeliveryRefused (it is under way or arrived), NotThere. Announces: `delivery_retried`.
    """
    delivery = locked(DeliveryAttempt, delivery_id)
    if not DeliveryAttempt.status_machine.allows(delivery.status, DeliveryStatus.QUEUED) or (
        delivery.status == DeliveryStatus.SENDING
    ):
        raise DeliveryRefused("Only what failed, came back or was not sent is tried again.")
    DeliveryAttempt.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.QUEUED, tries=0, next_try_at=Now(), settled_at=None, words=""
    )
    delivery.status = DeliveryStatus.QUEUED
    delivery_retried.send(sender=DeliveryAttempt, actor=actor, subject=delivery, reason=reason)
    if delivery.frequency == NotificationFrequency.IMMEDIATE:
        from engagement.jobs import deliveries_make

        deliveries_make.enqueue(key="deliveries")
    return delivery
