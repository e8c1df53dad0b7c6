"""Digests: what somebody wants to hear of once a day or a week, in one mail."""

from collections import defaultdict
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from engagement.models import DeliveryAttempt, NotificationTrigger
from engagement.notification_choices import DeliveryStatus, NotificationChannel
from engagement.notifications.port import Destination, Message, Outcome, Result
from engagement.notifications.registry import channel_of
from engagement.notifications.rendering import render
from engagement.notifications.unsubscribing import unsubscribe_link
from engagement.notifications.wording import wording_for, wordings_of
from engagement.services.deliveries import LEASE, addresses_of, suppressed_among
from engagement.services.delivery_outcomes import delivery_settle

PEOPLE_AT_ONCE = 50
LONGEST = 50
"""Notifications that one digest lists; the mail says how many more there are."""

DIGEST = "digest"
"""The trigger whose templates word digests."""


def digests_send(*, limit: int = PEOPLE_AT_ONCE) -> int:
    """Send the digests that are due, of at most `limit` people; returns of how many. As the worker."""
    with acting(Role.WORKER, durable=True):
        taken = _take(limit)
    if not taken:
        return 0
    with acting(Role.WORKER, durable=True):
        mails = _mails(taken)
    for deliveries, mail in mails:
        outcome = channel_of(NotificationChannel.EMAIL).send(mail) if isinstance(mail, Message) else mail
        address = mail.destination.address if isinstance(mail, Message) else ""
        with acting(Role.WORKER, durable=True):
            for delivery in deliveries:
                delivery_settle(delivery_id=delivery.pk, outcome=outcome, address=address)
    return len(taken)


def _take(limit: int) -> dict[UUID, list[DeliveryAttempt]]:
    """What is due, by person: whoever has the first one of somebody takes all of theirs."""
    due = DeliveryAttempt.objects.digests_due()
    people = set(due.order_by("next_try_at").values_list("recipient_id", flat=True)[:limit])
    rows = (
        due.filter(recipient_id__in=people).select_for_update(of=("self",), skip_locked=True).order_by("pk")
    )
    ids = [row.pk for row in rows]
    DeliveryAttempt.objects.filter(pk__in=ids).update(
        status=DeliveryStatus.SENDING, tries=F("tries") + 1, next_try_at=Now() + LEASE
    )
    found: dict[UUID, list[DeliveryAttempt]] = defaultdict(list)
    fresh = DeliveryAttempt.objects.filter(pk__in=ids).select_related(
        "notice", "recipient", "happening__trigger"
    )
    for row in fresh.order_by("-pk"):
        found[row.recipient_id].append(row)
    return found


def _mails(
    taken: dict[UUID, list[DeliveryAttempt]],
) -> list[tuple[list[DeliveryAttempt], Message | Outcome]]:
    with keys_for(Purpose.DELIVER, actor=None, reason="digests of notifications"):
        addresses = addresses_of(set(taken))
    suppressed = suppressed_among(addresses.values())
    wordings = wordings_of(NotificationTrigger.objects.get(code=DIGEST))
    now = database_now()
    found: list[tuple[list[DeliveryAttempt], Message | Outcome]] = []
    for person, deliveries in taken.items():
        useful = [
            row.notice for row in deliveries if row.notice.expires_at is None or row.notice.expires_at > now
        ]
        address = addresses.get(person)
        wording = wording_for(wordings, NotificationChannel.EMAIL, deliveries[0].recipient.locale)
        if not useful:
            found.append((deliveries, Outcome(Result.GONE, "It was of no use any more.")))
        elif address is None:
            found.append((deliveries, Outcome(Result.GONE, "The person has no address any more.")))
        elif address in suppressed:
            found.append(
                (deliveries, Outcome(Result.GONE, "Nothing is sent to this address: it is suppressed."))
            )
        elif wording is None:
            found.append((deliveries, Outcome(Result.FAILED, "Digests have no wording in use.")))
        else:
            lines = [f"- {notification.title}" for notification in useful[:LONGEST]]
            if len(useful) > LONGEST:
                lines.append(f"- … {len(useful) - LONGEST}")
            words = render(
                subject=wording.subject,
                body=wording.body,
                variables={"count": len(useful), "items": "\n".join(lines)},
            )
            found.append(
                (
                    deliveries,
                    Message(
                        delivery_id=deliveries[0].pk,
                        destination=Destination(address),
                        subject=words.subject,
                        body=words.body,
                        link=f"{settings.PUBLIC_ADDRESS}/notifications",
                        reference=deliveries[0].pk.hex,
                        unsubscribe_link=unsubscribe_link(
                            user_id=person, category=deliveries[0].happening.trigger.category
                        ),
                    ),
                )
            )
    return found
