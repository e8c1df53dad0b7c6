"""What the lower floors announce and people are told of: going live, plans, receipts, the security of an account."""

from collections.abc import Callable
from typing import Any

from django.dispatch import receiver

from accounts.announcements import (
    contact_added,
    contact_made_primary,
    contact_removed,
    password_changed,
    recovery_code_used,
    recovery_codes_made,
    second_factor_enrolled,
    second_factor_removed,
    second_factor_replaced,
    second_factor_reset,
)
from accounts.models import User, UserContact
from billing.announcements import payment_captured, refund_succeeded
from billing.models import Payment
from billing.money import Money
from core.announcements import Announcement
from core.models.identity import uuid7
from engagement.services.notification_events import notification_event_record
from streams.announcements import stream_scheduled, stream_went_live
from streams.choices import Visibility
from streams.models import Stream

SECURITY: dict[Announcement, str] = {
    password_changed: "Your password was changed.",
    second_factor_enrolled: "A second factor was set up for your account.",
    second_factor_replaced: "The second factor of your account was replaced.",
    second_factor_removed: "The second factor of your account was removed.",
    second_factor_reset: "The second factor of your account was reset by a member of staff.",
    recovery_codes_made: "New recovery codes were made for your account.",
    recovery_code_used: "A recovery code of your account was used.",
    contact_added: "An address was added to your account.",
    contact_made_primary: "We write to another of your addresses from now on.",
    contact_removed: "An address was removed from your account.",
}
"""What people are told of their account, whoever did it: themselves, staff, or somebody else."""


@receiver(stream_went_live)
def tell_followers_live(sender: Any, subject: Stream, actor: User | None, **_: Any) -> None:
    """The followers hear of it, once for a stream: one that is interrupted and comes back is no news."""
    if _may_be_known(subject):
        notification_event_record(
            trigger="performer_live",
            idempotency_key=str(subject.pk),
            variables={"performer": _name(subject), "title": subject.title},
            followers_of=subject.performer_id,
            actor=actor,
            deep_link=f"/streams/{subject.pk}",
        )


@receiver(stream_scheduled)
def tell_followers_planned(sender: Any, subject: Stream, actor: User | None, **_: Any) -> None:
    """The followers hear of a plan with a time."""
    if subject.scheduled_start_at is not None and _may_be_known(subject):
        notification_event_record(
            trigger="stream_planned",
            idempotency_key=str(subject.pk),
            variables={
                "performer": _name(subject),
                "title": subject.title,
                "starts": f"{subject.scheduled_start_at:%Y-%m-%d %H:%M} UTC",
            },
            followers_of=subject.performer_id,
            actor=actor,
            deep_link=f"/streams/{subject.pk}",
        )


def _may_be_known(stream: Stream) -> bool:
    return stream.visibility == Visibility.PUBLIC and stream.hidden_at is None


def _name(stream: Stream) -> str:
    return str(stream.performer.stage_name)


@receiver(payment_captured)
def send_receipt(sender: Any, subject: Payment, detail: dict[str, Any], **_: Any) -> None:
    """Whoever pays gets a receipt for each amount that was taken."""
    _money("payment_captured", subject, detail, total=subject.captured_settled)


@receiver(refund_succeeded)
def tell_refund(sender: Any, subject: Payment, detail: dict[str, Any], **_: Any) -> None:
    """Whoever paid hears of each amount that went back."""
    _money("refund_made", subject, detail, total=subject.refunded_settled)


def _money(trigger: str, payment: Payment, detail: dict[str, Any], *, total: int) -> None:
    """The same movement has the same total, however often a provider reports it."""
    notification_event_record(
        trigger=trigger,
        idempotency_key=f"{payment.pk}:{total}",
        variables={
            "amount": str(Money(detail["amount"], detail["currency"])),
            "order": str(payment.order_id),
        },
        recipient_ids=[payment.user_id],
        actor=None,
        deep_link=f"/orders/{payment.order_id}",
    )


def _is_first(contact: Any) -> bool:
    """Whoever signs up adds an address: that is no news to them."""
    others = UserContact.objects.filter(user_id=contact.user_id).exclude(pk=contact.pk)
    return not others.exists()


def _security(announcement: Announcement, notice: str) -> Callable[..., None]:
    def tell(sender: Any, subject: User | UserContact, **_: Any) -> None:
        person_id = subject.user_id if isinstance(subject, UserContact) else subject.pk
        if announcement is contact_added and _is_first(subject):
            return
        notification_event_record(
            trigger="security_notice",
            # Each change is one; nobody reports it twice.
            idempotency_key=f"{announcement.action}:{uuid7()}",
            variables={"notice": notice},
            recipient_ids=[person_id],
            actor=None,
            deep_link="/account/security",
        )

    return tell


for announced, words in SECURITY.items():
    announced.connect(_security(announced, words), weak=False)
