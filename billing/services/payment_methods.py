"""By what people pay and where their bills go: tokens of providers, never numbers of cards."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import (
    billing_address_added,
    mandate_recorded,
    mandate_revoked,
    payment_method_added,
    payment_method_detached,
    payment_method_made_default,
    payment_method_verified,
)
from billing.errors import PaymentMethodRefused
from billing.models import (
    BillingAddress,
    BillingCustomer,
    Mandate,
    PaymentMethod,
    PaymentMethodVerification,
    ProviderAccount,
)
from billing.payment_choices import (
    MandateStatus,
    PaymentMethodKind,
    PaymentMethodStatus,
    VerificationKind,
    VerificationOutcome,
)
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import Role
from core.encryption import Purpose, keys_for

DIGITS = re.compile(r"[0-9]")
SPACED_NUMBER = re.compile(r"^[0-9][0-9 .-]{11,}$")


@dataclass(frozen=True, slots=True)
class NewPaymentMethod:
    """What a provider says of a payment method; `token` is the provider's, `last_four` all that is kept of a number."""

    kind: PaymentMethodKind
    token: str
    fingerprint: str = ""
    brand: str = ""
    last_four: str = ""
    expiry_year: int | None = None
    expiry_month: int | None = None


def is_card_number(text: str) -> bool:
    """Whether a text is the number of a card: 12 to 19 digits, however spaced, with a right check digit (Luhn)."""
    if not SPACED_NUMBER.match(text.strip()):
        return False
    digits = [int(sign) for sign in DIGITS.findall(text)]
    if not 12 <= len(digits) <= 19:
        return False
    doubled = [digit if place % 2 == 0 else digit * 2 for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


@transaction.atomic
def payment_method_add(
    *,
    user: User,
    provider_account_id: UUID,
    customer_reference: str,
    new: NewPaymentMethod,
    actor: User | None,
) -> PaymentMethod:
    """Keep a payment method of a person; the first one becomes the default.

    Raises: PaymentMethodRefused (the number of a card in place of a token, the person has it already, the provider
    account is closed or unknown), KeyMissing. Announces: `payment_method_added`.
    """
    if any(is_card_number(text) for text in (new.token, new.fingerprint, new.brand)):
        raise PaymentMethodRefused(
            "This is the number of a card, which is never kept. Give the provider's token."
        )
    if not new.token.strip():
        raise PaymentMethodRefused("A payment method has a token of its provider.")
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        account = ProviderAccount.objects.filter(pk=provider_account_id, closed_at__isnull=True).first()
        if account is None:
            raise PaymentMethodRefused("There is no open account with this provider.")
        with (
            keys_for(Purpose.STORE, actor=actor, reason="payment_method_add"),
            refused_as(PaymentMethodRefused),
        ):
            customer, _ = BillingCustomer.objects.get_or_create(
                user=user, provider_account=account, defaults={"reference": customer_reference}
            )
            method = PaymentMethod.objects.create(
                user=user,
                customer=customer,
                kind=new.kind,
                token=new.token,
                fingerprint=new.fingerprint,
                brand=new.brand.lower(),
                last_four=new.last_four,
                expiry_year=new.expiry_year,
                expiry_month=new.expiry_month,
                is_default=not PaymentMethod.objects.filter(user=user, is_default=True).exists(),
            )
    payment_method_added.send(
        sender=PaymentMethod, actor=actor, subject=method, detail={"kind": method.kind, "brand": method.brand}
    )
    return method


@transaction.atomic
def payment_method_verify(
    *,
    payment_method_id: UUID,
    kind: VerificationKind,
    outcome: VerificationOutcome,
    reference: str,
    verified_at: datetime,
) -> PaymentMethodVerification:
    """Take down what a verification said; the method follows it. Runs as the worker.

    Locks: the method. Raises: PaymentMethodRefused, NotThere. Announces: `payment_method_verified`.
    """
    states = {
        VerificationOutcome.SUCCEEDED: PaymentMethodStatus.VERIFIED,
        VerificationOutcome.DECLINED: PaymentMethodStatus.REFUSED,
    }
    with acting(Role.WORKER), refused_as(PaymentMethodRefused):
        method = locked(PaymentMethod, payment_method_id)
        found = PaymentMethodVerification.objects.create(
            payment_method=method,
            user_id=method.user_id,
            kind=kind,
            outcome=outcome,
            reference=reference,
            verified_at=verified_at,
        )
        status = states.get(VerificationOutcome(outcome))
        if status is not None and PaymentMethod.status_machine.allows(method.status, status):
            method.status = status
            method.is_default = method.is_default and status == PaymentMethodStatus.VERIFIED
            method.save(update_fields=["status", "is_default"])
    payment_method_verified.send(
        sender=PaymentMethod, subject=method, changed=("status",), detail={"kind": kind, "outcome": outcome}
    )
    return found


@transaction.atomic
def payment_method_make_default(*, payment_method_id: UUID, actor: User | None) -> PaymentMethod:
    """Pay by this one from now on unless something else is said.

    Locks: the methods of the person, in the order of their keys. Raises: PaymentMethodRefused (it cannot be used),
    NotThere. Announces: `payment_method_made_default`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        user_id = PaymentMethod.objects.filter(pk=payment_method_id).values_list("user_id", flat=True).first()
        if user_id is None:
            raise NotThere("There is no such payment method.")
        mine = PaymentMethod.objects.without_token().filter(user_id=user_id)
        list(mine.select_for_update().order_by("pk"))
        method = locked(PaymentMethod, payment_method_id)
        if method.status not in (PaymentMethodStatus.UNVERIFIED, PaymentMethodStatus.VERIFIED):
            raise PaymentMethodRefused("This payment method cannot be used.")
        mine.filter(is_default=True).exclude(pk=method.pk).update(is_default=False)
        mine.filter(pk=method.pk).update(is_default=True)
        method.is_default = True
    payment_method_made_default.send(
        sender=PaymentMethod, actor=actor, subject=method, changed=("is_default",)
    )
    return method


@transaction.atomic
def payment_method_detach(*, payment_method_id: UUID, actor: User | None, reason: str = "") -> PaymentMethod:
    """Never charge it again: the token is forgotten, the row stays for the payments that name it.

    Locks: the method. Raises: PaymentMethodRefused (an attempt with it is under way), IllegalTransition, NotThere.
    Announces: `payment_method_detached`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        method = locked(PaymentMethod, payment_method_id)
        PaymentMethod.status_machine.check(method.status, PaymentMethodStatus.DETACHED)
        if method.intents.filter(attempts__status__in=("sent", "requires_action", "unknown")).exists():
            raise PaymentMethodRefused("A payment by this is under way. Wait for what comes of it.")
        method.status, method.token, method.is_default = PaymentMethodStatus.DETACHED, None, False
        with refused_as(PaymentMethodRefused):
            method.save(update_fields=["status", "token", "is_default"])
    payment_method_detached.send(
        sender=PaymentMethod, actor=actor, subject=method, reason=reason, changed=("status",)
    )
    return method


@transaction.atomic
def billing_address_add(
    *, user: User, name: str, street: str, town: str, postal_code: str, country: str, actor: User | None
) -> BillingAddress:
    """Keep an address for bills, encrypted; country and the beginning of the postal code stay readable for taxes.

    Raises: PaymentMethodRefused, KeyMissing. Announces: `billing_address_added`.
    """
    prefix = re.sub(r"[^0-9A-Z]", "", postal_code.upper())[:3]
    with (
        acting(Role.WORKER, user_id=actor.pk if actor else None),
        keys_for(Purpose.STORE, actor=actor, reason="billing_address_add"),
        refused_as(PaymentMethodRefused),
    ):
        address = BillingAddress.objects.create(
            user=user,
            name=name,
            street=street,
            town=town,
            postal_code=postal_code or None,
            country=country,
            postal_prefix=prefix,
        )
    billing_address_added.send(sender=BillingAddress, actor=actor, subject=user, detail={"country": country})
    return address


@transaction.atomic
def mandate_record(
    *, payment_method_id: UUID, reference: str, wording: str, agreed_at: datetime, actor: User | None
) -> Mandate:
    """Take down that a person agreed to being charged later.

    Raises: PaymentMethodRefused, NotThere. Announces: `mandate_recorded`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None), refused_as(PaymentMethodRefused):
        method = locked(PaymentMethod, payment_method_id)
        mandate = Mandate.objects.create(
            user_id=method.user_id,
            payment_method=method,
            reference=reference,
            wording=wording,
            agreed_at=agreed_at,
        )
    mandate_recorded.send(sender=Mandate, actor=actor, subject=method, detail={"mandate": str(mandate.pk)})
    return mandate


@transaction.atomic
def mandate_revoke(*, mandate_id: UUID, actor: User | None) -> Mandate:
    """End a mandate now. Locks: the mandate. Raises: IllegalTransition, NotThere. Announces: `mandate_revoked`."""
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        mandate = locked(Mandate, mandate_id)
        Mandate.status_machine.check(mandate.status, MandateStatus.REVOKED)
        mandate.status, mandate.revoked_at = MandateStatus.REVOKED, database_now()
        mandate.save(update_fields=["status", "revoked_at"])
        method = PaymentMethod.objects.without_token().get(pk=mandate.payment_method_id)
    mandate_revoked.send(
        sender=Mandate,
        actor=actor,
        subject=method,
        changed=("status",),
        detail={"mandate": str(mandate.pk)},
    )
    return mandate
