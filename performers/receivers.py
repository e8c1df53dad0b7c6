"""What performers hear from accounts."""

from typing import Any

from django.dispatch import receiver

from accounts.announcements import consent_withdrawn
from accounts.choices import ConsentPurpose
from accounts.models import User
from performers.services.attributes import special_attributes_remove


@receiver(consent_withdrawn)
def forget_special_attributes(
    sender: Any, subject: User, actor: User | None, detail: dict[str, Any], **_: Any
) -> None:
    """With the consent goes what rested on it, in the same transaction (GDPR art. 7(3) and 17(1)(b))."""
    if detail.get("purpose") == ConsentPurpose.SPECIAL_CATEGORY:
        special_attributes_remove(user=subject, actor=actor)
