"""Mail, through the mail backend of Django: SMTP in production, a server of their own in the tests."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from engagement.notifications.port import Message, Outcome, Result
from engagement.notifications.rendering import Rendered, html_of

FOOTER = "You choose what we write to you about in the settings of your account."


def domain_of(address: str) -> str:
    """The domain of an address, with or without a name around it."""
    return parseaddr(address)[1].rpartition("@")[2]


def message_id(message: Message) -> str:
    """The Message-ID (RFC 5322): the same for every attempt, so that a repetition is known as one."""
    return f"<{message.reference}@{domain_of(settings.DEFAULT_FROM_EMAIL)}>"


def return_path(message: Message) -> str:
    """The envelope sender, which names the delivery: what comes back says what came back."""
    local, _, domain = settings.BOUNCE_ADDRESS.partition("@")
    return f"{local}+{message.delivery_id.hex}@{domain}"


class EmailChannel:
    """One mail per message, as text and as HTML."""

    def send(self, message: Message) -> Outcome:
        """Hand the mail over. An address that the server refuses for good is a bounce."""
        identity = message_id(message)
        try:
            self._mail(message, identity).send()
        except smtplib.SMTPRecipientsRefused as error:
            return _refused(max(code for code, _ in error.recipients.values()))
        except smtplib.SMTPResponseException as error:
            return _answered(error.smtp_code)
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(Result.RETRY, f"The mail server could not be reached: {type(error).__name__}.")
        return Outcome(Result.SENT, provider_id=identity)

    def _mail(self, message: Message, identity: str) -> EmailMultiAlternatives:
        rendered = Rendered(message.subject, message.body)
        footer = (FOOTER,) if message.may_unsubscribe else ()
        headers = {
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": identity,
            # Nobody's out-of-office note is wanted (RFC 3834).
            "Auto-Submitted": "auto-generated",
        }
        if message.may_unsubscribe and message.unsubscribe_link:
            # One click without signing in (RFC 8058).
            headers["List-Unsubscribe"] = f"<{message.unsubscribe_link}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text = "\n\n".join(part for part in (message.body, message.link, *footer) if part)
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=text,
            from_email=return_path(message),
            to=[message.destination.address],
            headers=headers,
        )
        mail.attach_alternative(html_of(rendered, link=message.link, footer=footer), "text/html")
        return mail


def _refused(code: int) -> Outcome:
    if code >= 500:
        return Outcome(Result.BOUNCED, f"The mail server refused the address for good ({code}).")
    return Outcome(Result.RETRY, f"The mail server does not take mail for the address now ({code}).")


def _answered(code: int) -> Outcome:
    if 500 <= code < 600:
        return Outcome(Result.FAILED, f"The mail server refused the mail ({code}).")
    return Outcome(Result.RETRY, f"The mail server asks to come back ({code}).")
