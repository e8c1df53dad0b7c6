"""Verifying a contact: a code goes out, and comes back once."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.announcements import contact_verified, verification_requested
from accounts.choices import ContactKind, VerificationOutcome
from accounts.models import ContactVerification, User, UserContact
from accounts.models.contact_verification import MOST_ATTEMPTS
from accounts.services.contacts import mark_verified
from core.db.holds import not_held
from core.db.locking import NotThere, locked
from core.encryption import Purpose, keys_for
from core.encryption.keyed_digests import keyed_digest, matches_keyed_digest
from core.errors import Refused

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Crockford's Base32 without 0 and 1: letters and digits that nobody mistakes for one another."""

CODE_LENGTH = 8
"""30 to the eighth, that is 39 bits: five attempts within half an hour find one code in 10^11."""

VALID_FOR = timedelta(minutes=30)
AT_MOST_HOURLY = 5
KEPT_FOR = timedelta(days=7)
CONTEXT = "accounts_contactverification.code"


class VerificationRefused(Refused):
    """No code can be asked for now."""

    code = "verification_refused"


class CodeRefused(Refused):
    """The code is not the one that was sent, or no longer counts."""

    code = "code_refused"


@dataclass(frozen=True)
class Delivery:
    """What goes to whom. Its representation shows neither."""

    kind: ContactKind
    address: str = field(repr=False)
    code: str = field(repr=False)
    locale: str = "en"


@transaction.atomic
def verification_request(*, contact_id: UUID, actor: User | None) -> ContactVerification:
    """Ask for a code; an open one counts no more.

    Locks: the contact. Raises: VerificationRefused (verified already, too many within an hour), NotThere. Announces:
    `verification_requested`, on which the code is sent by a job.
    """
    contact = locked(UserContact, contact_id)
    if contact.verified_at is not None:
        raise VerificationRefused("This contact is verified already.")
    if contact.kind not in settings.CONTACT_CHANNELS:
        raise VerificationRefused(
            f"No code can be sent to a {contact.get_kind_display().lower()}: CONTACT_CHANNELS names no way to send one."
        )
    now = timezone.now()
    asked = ContactVerification.objects.filter(contact=contact, created_at__gt=now - timedelta(hours=1))
    if asked.count() >= AT_MOST_HOURLY:
        raise VerificationRefused(
            "Too many codes were asked for within an hour. Wait, and look for the last one."
        )
    ContactVerification.objects.filter(contact=contact, outcome__isnull=True).update(
        outcome=VerificationOutcome.SUPERSEDED, ended_at=now
    )
    verification = ContactVerification.objects.create(contact=contact, user_id=contact.user_id)
    verification_requested.send(
        sender=ContactVerification,
        actor=actor,
        subject=contact,
        detail={"verification": str(verification.pk)},
    )
    return verification


@transaction.atomic
def verification_code_make(*, verification_id: UUID) -> Delivery | None:
    """Make the code, as the worker that is about to send it; None when nobody waits for it any more.

    A second call makes another code: the one before may never have arrived. Locks: the verification. Raises: NotThere,
    KeyMissing.
    """
    verification = locked(ContactVerification, verification_id)
    if verification.outcome is not None:
        return None
    with keys_for(Purpose.DELIVER, actor=None, reason="contact verification"):
        contact = UserContact.objects.select_related("user").get(pk=verification.contact_id)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    now = timezone.now()
    ContactVerification.objects.filter(pk=verification.pk).update(
        code_digest=keyed_digest(_bound(verification, code), context=CONTEXT),
        sent_at=now,
        expires_at=now + VALID_FOR,
    )
    return Delivery(ContactKind(contact.kind), str(contact.value), code, contact.user.locale)


def contact_verify(*, contact_id: UUID, code: str, actor: User) -> UserContact:
    """Show with the code that one is reached there; a pending account becomes active by it (`accounts.receivers`).

    Locks: the open verification, then the contact. A wrong code is counted although this raises: the caller's
    transaction goes on. Raises: CodeRefused, ContactRefused (another account has shown the same), NotThere. Announces:
    `contact_verified`.
    """
    outcome, contact = _try(contact_id, code)
    if outcome is not VerificationOutcome.VERIFIED or contact is None:
        raise CodeRefused(REFUSALS[outcome])
    with transaction.atomic():
        mark_verified(contact)
        contact_verified.send(
            sender=UserContact,
            actor=actor,
            subject=contact,
            changed=("verified_at",),
            detail={"kind": contact.kind},
        )
    return contact


REFUSALS: dict[VerificationOutcome | None, str] = {
    None: "That is not the code we sent. Look at it again: it has eight letters and digits.",
    VerificationOutcome.EXPIRED: "This code has expired. Ask for a new one.",
    VerificationOutcome.EXHAUSTED: "Too many wrong codes. Ask for a new one.",
    VerificationOutcome.SUPERSEDED: "No code is open for this contact. Ask for a new one.",
}


@transaction.atomic
def _try(contact_id: UUID, code: str) -> tuple[VerificationOutcome | None, UserContact | None]:
    """Compare and count, under the lock of the open verification: a code that two requests send counts once."""
    verification = (
        ContactVerification.objects.select_for_update(of=("self",))
        .filter(contact_id=contact_id, outcome__isnull=True)
        .first()
    )
    if verification is None:
        if not UserContact.objects.filter(pk=contact_id).exists():
            raise NotThere("There is no such contact.")
        return VerificationOutcome.SUPERSEDED, None
    now = timezone.now()
    attempts = verification.attempts + 1
    outcome: VerificationOutcome | None = None
    if verification.expires_at is not None and verification.expires_at <= now:
        outcome = VerificationOutcome.EXPIRED
    elif verification.code_digest is not None and matches_keyed_digest(
        _bound(verification, code), bytes(verification.code_digest), context=CONTEXT
    ):
        outcome = VerificationOutcome.VERIFIED
    elif attempts >= MOST_ATTEMPTS:
        outcome = VerificationOutcome.EXHAUSTED
    ContactVerification.objects.filter(pk=verification.pk).update(
        attempts=attempts, outcome=outcome, ended_at=now if outcome else None
    )
    contact = locked(UserContact, contact_id) if outcome is VerificationOutcome.VERIFIED else None
    return outcome, contact


def _bound(verification: ContactVerification, code: str) -> str:
    """The code as typed, without spaces and letter case, bound to its verification."""
    return f"{verification.pk} {''.join(code.split()).replace('-', '').upper()}"


@transaction.atomic
def verifications_forget(*, batch: int = 1000) -> int:
    """Delete up to `batch` verifications older than `KEPT_FOR`, as the worker; returns how many.

    Those that a legal hold covers stay until it ends.
    """
    old = ContactVerification.objects.filter(
        not_held(ContactVerification), created_at__lt=timezone.now() - KEPT_FOR
    ).order_by("created_at")
    count, _ = ContactVerification.objects.filter(pk__in=old.values("pk")[:batch]).delete()
    return count
