"""Where performers and studios are paid: entered, paused, set going again, given up, revealed."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.errors import PayoutDestinationRefused
from billing.models import PayoutDestination
from billing.models.payout_destination import LIVE, MOST_FAILURES
from billing.money import exponent_of
from billing.payout_announcements import (
    payout_destination_added,
    payout_destination_paused,
    payout_destination_resumed,
    payout_destination_retired,
)
from billing.payout_choices import DestinationKind, DestinationStatus
from billing.payout_selectors import Payee
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from core.encryption.reveal import Revealed, RevealRefused, reveal
from performers.services.countries import country_check

D = DestinationStatus
LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class NewDestination:
    """An account as it was entered; `token` is what the provider calls it."""

    kind: DestinationKind
    currency: str
    country: str
    holder_name: str = field(repr=False)
    details: str = field(repr=False)
    token: str = field(repr=False)


@transaction.atomic
def payout_destination_add(
    *,
    provider_account_id: UUID,
    new: NewDestination,
    actor: User | None,
    performer_id: UUID | None = None,
    studio_id: UUID | None = None,
    reason: str = "",
) -> PayoutDestination:
    """Enter where a performer or studio is paid in a currency; the one before is given up.

    The first destination that they ever had is used at once, a later one after three days. Holder and account are
    sealed before they leave this process. Locks: the destination before. Raises: PayoutDestinationRefused (nobody or
    two people, an account without four signs, an unknown country), MoneyRefused (an unknown currency). Announces:
    `payout_destination_added`, `payout_destination_retired`.
    """
    payee = _payee(performer_id, studio_id)
    details = re.sub(r"[\s-]", "", new.details).upper()
    if not (4 <= len(details) <= 60 and details.isalnum() and details.isascii()):
        raise PayoutDestinationRefused(
            "An account is written in 4 to 60 letters and digits, such as an IBAN."
        )
    holder = new.holder_name.strip()
    if not 2 <= len(holder) <= LONGEST or not new.token.strip():
        raise PayoutDestinationRefused("Say whose account it is, and what the provider calls it.")
    country = country_check(new.country, PayoutDestinationRefused)
    exponent_of(new.currency)
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        before = (
            PayoutDestination.objects.masked()
            .select_for_update()
            .filter(**{payee.column: payee.id}, currency_id=new.currency, status__in=LIVE)
            .first()
        )
        if before is not None:
            _retire(before, actor, reason or "another destination took its place")
        with (
            keys_for(Purpose.STORE, actor=actor, reason="payout_destination_add"),
            refused_as(PayoutDestinationRefused),
        ):
            found = PayoutDestination.objects.create(
                performer_id=performer_id,
                studio_id=studio_id,
                provider_account_id=provider_account_id,
                kind=DestinationKind(new.kind),
                currency_id=new.currency,
                country=country,
                holder_name=holder,
                details=details,
                token=new.token.strip(),
                last_four=details[-4:],
                entered_by=actor,
            )
        found = PayoutDestination.objects.masked().get(pk=found.pk)
    payout_destination_added.send(
        sender=PayoutDestination,
        actor=actor,
        subject=found,
        reason=reason,
        detail={"currency": new.currency, "usable_from": found.usable_from.isoformat()},
    )
    return found


def _payee(performer_id: UUID | None, studio_id: UUID | None) -> Payee:
    if (performer_id is None) == (studio_id is None):
        raise PayoutDestinationRefused(
            "A destination is of a performer or of a studio, exactly one of the two."
        )
    return Payee(performer_id, studio_id)


def _retire(destination: PayoutDestination, actor: User | None, reason: str) -> None:
    destination.status = D.RETIRED
    destination.save(update_fields=["status"])
    payout_destination_retired.send(
        sender=PayoutDestination, actor=actor, subject=destination, reason=reason, changed=("status",)
    )


def _move(
    destination_id: UUID, to: DestinationStatus, actor: User, expected_version: int | None
) -> PayoutDestination:
    destination = locked(PayoutDestination, destination_id, expected_version=expected_version)
    if destination.performer_id == actor.pk:
        raise PayoutDestinationRefused("This is your own destination. Ask a colleague.")
    PayoutDestination.status_machine.check(destination.status, to)
    destination.status = to
    return destination


@transaction.atomic
def payout_destination_pause(
    *, payoutdestination_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> PayoutDestination:
    """Pay nothing there from now on; what is on its way goes on.

    Locks: the destination. Raises: PayoutDestinationRefused (one's own), IllegalTransition, NotThere, StaleVersion.
    Announces: `payout_destination_paused`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        destination = _move(payoutdestination_id, D.PAUSED, actor, expected_version)
        destination.save(update_fields=["status"])
    payout_destination_paused.send(
        sender=PayoutDestination, actor=actor, subject=destination, reason=reason, changed=("status",)
    )
    return destination


@transaction.atomic
def payout_destination_resume(
    *, payoutdestination_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> PayoutDestination:
    """Pay there again; failures are counted from nothing.

    Locks: the destination. Raises: as `payout_destination_pause`. Announces: `payout_destination_resumed`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        destination = _move(payoutdestination_id, D.ACTIVE, actor, expected_version)
        destination.failure_streak = 0
        destination.save(update_fields=["status", "failure_streak"])
    payout_destination_resumed.send(
        sender=PayoutDestination, actor=actor, subject=destination, reason=reason, changed=("status",)
    )
    return destination


@transaction.atomic
def payout_destination_retire(
    *, payoutdestination_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> PayoutDestination:
    """Give a destination up; what is on its way goes on.

    Locks: the destination. Raises: IllegalTransition, NotThere, StaleVersion. Announces: `payout_destination_retired`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        destination = locked(PayoutDestination, payoutdestination_id, expected_version=expected_version)
        PayoutDestination.status_machine.check(destination.status, D.RETIRED)
        _retire(destination, actor, reason)
    return destination


@transaction.atomic
def payout_destination_reveal(
    *, payoutdestination_id: UUID, actor: User, reason: str, case_reference: str = ""
) -> Revealed:
    """Show the account and its holder once. The caller acts as compliance.

    Whose data was read: the performer, of a studio whoever entered it. Raises: NotThere, RevealRefused, KeyMissing.
    Announces: `data_revealed`.
    """
    destination = PayoutDestination.objects.masked().filter(pk=payoutdestination_id).first()
    if destination is None:
        raise NotThere("There is no such destination, or your role may not see it.")
    person_id = destination.performer_id or destination.entered_by_id
    if person_id is None:
        raise RevealRefused("Nobody entered this account here. Ask the provider.")
    return reveal(
        subject=destination,
        fields=("holder_name", "details"),
        person_id=person_id,
        actor=actor,
        reason=reason,
        case_reference=case_reference,
    )


def destination_token(payout_id: UUID) -> str:
    """What the provider calls the destination of a payout, for the call. Raises LookupError where it is gone."""
    with keys_for(Purpose.DELIVER, actor=None, reason="pay out"):
        token = PayoutDestination.objects.filter(payouts=payout_id).values_list("token", flat=True).first()
    if token is None:
        raise LookupError("The destination of this payout was erased.")
    return str(token)


def destination_failed(destination_id: UUID) -> PayoutDestination:
    """Count a payout that failed or came back; the third one in a row pauses the destination. Runs as the worker."""
    destination = PayoutDestination.objects.masked().select_for_update().get(pk=destination_id)
    destination.failure_streak += 1
    pauses = destination.failure_streak >= MOST_FAILURES and destination.status == D.ACTIVE
    if pauses:
        destination.status = D.PAUSED
    destination.save(update_fields=["failure_streak", "status"])
    if pauses:
        payout_destination_paused.send(
            sender=PayoutDestination,
            actor=None,
            subject=destination,
            reason=f"{MOST_FAILURES} payouts in a row failed or came back",
            changed=("status",),
        )
    return destination


def destination_worked(destination_id: UUID) -> None:
    """A payout arrived: failures are counted from nothing. Runs as the worker."""
    PayoutDestination.objects.filter(pk=destination_id, failure_streak__gt=0, status=D.ACTIVE).update(
        failure_streak=0
    )


def usable_at(destination: PayoutDestination) -> bool:
    """Whether something may be paid there now."""
    return destination.status == D.ACTIVE and destination.usable_from <= database_now()
