"""Mail that comes back (RFC 3464), and complaints of mail services (RFC 5965), read and carried out."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.choices import ContactKind
from accounts.models import UserContact
from core.db.locking import locked
from core.encryption import Purpose, keys_for
from engagement.models import DeliveryAttempt
from engagement.notification_choices import DeliveryStatus, SuppressionReason
from engagement.services.delivery_suppressions import address_suppress

LARGEST = 1024 * 1024
STATUS = re.compile(r"^([245])\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class Returned:
    """What a mail server says: about which delivery, and what became of it."""

    delivery_id: UUID | None
    message_id: str
    action: str
    status: str
    is_complaint: bool = False

    @property
    def is_final(self) -> bool:
        """Whether nothing will ever arrive there."""
        return self.is_complaint or (self.action == "failed" and self.status.startswith("5."))


def returned_read(message: bytes) -> Returned | None:
    """What a returned mail says, None when it is none that can be read. Raises nothing, whatever comes."""
    if len(message) > LARGEST:
        return None
    mail = message_from_bytes(message, policy=policy.default)
    kind = mail.get_param("report-type", "", header="content-type")
    if mail.get_content_type() != "multipart/report" or kind not in ("delivery-status", "feedback-report"):
        return None
    action = status = message_id = ""
    for part in mail.walk():
        content = part.get_content_type()
        if content == "message/delivery-status":
            for block in part.get_payload():
                if isinstance(block, EmailMessage) and block.get("action"):
                    action = str(block["action"]).strip().lower()
                    found = STATUS.match(str(block.get("status", "")).strip())
                    status = found[0] if found else ""
        elif content == "text/rfc822-headers":
            message_id = _header(part.get_content(), "message-id") or message_id
        elif content == "message/rfc822" and part is not mail:
            inner: Any = part.get_payload()
            message_id = (
                str(inner[0].get("message-id", "")) if isinstance(inner, list) and inner else message_id
            )
    return Returned(
        delivery_id=_delivery_of(mail),
        message_id=message_id.strip(),
        action=action,
        status=status,
        is_complaint=kind == "feedback-report",
    )


def _header(text: str, name: str) -> str:
    return str(message_from_bytes(text.encode("utf-8", "replace"), policy=policy.default).get(name, ""))


def _delivery_of(mail: EmailMessage) -> UUID | None:
    local, _, domain = settings.BOUNCE_ADDRESS.partition("@")
    pattern = re.compile(rf"{re.escape(local)}\+([0-9a-f]{{32}})@{re.escape(domain)}", re.IGNORECASE)
    for header in ("delivered-to", "x-original-to", "to"):
        for value in mail.get_all(header, []):
            if found := pattern.search(str(value)):
                return UUID(found[1])
    return None


@transaction.atomic
def bounce_take(*, message: bytes) -> DeliveryAttempt | None:
    """Carry out what a returned mail says; the delivery that it is about, None when it is about none.

    Mail that came back for good, and complaints, suppress the address. As the worker. A second copy changes nothing.
    Locks: the delivery. Announces: `address_suppressed`.
    """
    returned = returned_read(message)
    if returned is None:
        return None
    found = _named(returned)
    if found is None:
        return None
    delivery = locked(DeliveryAttempt, found)
    if returned.action == "delivered" and delivery.status == DeliveryStatus.SENT:
        DeliveryAttempt.objects.filter(pk=delivery.pk).update(
            status=DeliveryStatus.DELIVERED, settled_at=Now()
        )
    elif returned.is_final and delivery.status in (DeliveryStatus.SENT, DeliveryStatus.DELIVERED):
        words = "A complaint came back." if returned.is_complaint else f"It came back ({returned.status})."
        DeliveryAttempt.objects.filter(pk=delivery.pk).update(
            status=DeliveryStatus.BOUNCED, settled_at=Now(), words=words
        )
        _suppress(delivery, returned, words)
    delivery.refresh_from_db()
    return delivery


def _named(returned: Returned) -> UUID | None:
    if returned.delivery_id is not None:
        return DeliveryAttempt.objects.filter(pk=returned.delivery_id).values_list("pk", flat=True).first()
    if not returned.message_id:
        return None
    rows = DeliveryAttempt.objects.filter(provider_id=returned.message_id).exclude(provider_id="")
    return rows.values_list("pk", flat=True).first()


def _suppress(delivery: DeliveryAttempt, returned: Returned, words: str) -> None:
    """The address that the person has now: what bounced went there, or to one that they have no more."""
    with keys_for(Purpose.DELIVER, actor=None, reason="a mail came back"):
        contact = UserContact.objects.filter(
            user_id=delivery.recipient_id, kind=ContactKind.EMAIL, is_primary=True
        ).first()
        address = str(contact.value) if contact is not None else ""
        changed_since = contact is not None and contact.updated_at > (delivery.sent_at or contact.updated_at)
    if address and not changed_since:
        address_suppress(
            address=address,
            user_id=delivery.recipient_id,
            reason=SuppressionReason.COMPLAINED if returned.is_complaint else SuppressionReason.BOUNCED,
            words=words,
            actor=None,
        )
