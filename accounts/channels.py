"""Ways by which a code reaches a person; `settings.CONTACT_CHANNELS` names one per kind of contact."""

from collections.abc import Callable

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from accounts.choices import ContactKind
from accounts.services.verifications import VALID_FOR, Delivery

Channel = Callable[[Delivery], None]


def channel_of(kind: ContactKind) -> Channel | None:
    """How a code of this kind is sent; None where nothing is set up."""
    path = settings.CONTACT_CHANNELS.get(kind.value)
    return import_string(path) if path else None


def email_code_send(delivery: Delivery) -> None:
    """Send a code by e-mail. Raises what the mail server raises: the job tries again with another code."""
    context = {"code": delivery.code, "minutes": int(VALID_FOR.total_seconds() // 60)}
    send_mail(
        subject="Your code for VersBottomLex.me",
        message=render_to_string("accounts/code.txt", context),
        from_email=None,
        recipient_list=[delivery.address],
    )
