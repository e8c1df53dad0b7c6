"""Identity cases: opened, taken and decided by compliance, findings sealed."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import kyc_case_decided, kyc_case_opened, kyc_case_taken
from billing.errors import KycCaseRefused
from billing.models import KycCase, SanctionsScreening
from billing.reconciliation_choices import KycCause, KycRisk, KycStatus
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from core.encryption.reveal import Revealed, reveal

DAYS = 14
"""Within so many days a case is to be decided, unless it says otherwise."""


@transaction.atomic
def kyc_case_open(
    *,
    cause: KycCause | str,
    actor: User,
    reason: str,
    user_id: UUID | None = None,
    studio_id: UUID | None = None,
    screening_id: UUID | None = None,
    due_on: dt.date | None = None,
) -> KycCase:
    """Open a case about a person or studio. The caller acts as compliance.

    Raises: KycCaseRefused (about oneself, one of this cause is under way, both or neither, a day in the past, a
    screening of somebody else). Announces: `kyc_case_opened`.
    """
    if (user_id is None) == (studio_id is None):
        raise KycCaseRefused("A case is about a person or about a studio, one of them.")
    if user_id is not None and str(user_id) == str(actor.pk):
        raise KycCaseRefused("Nobody opens a case about themselves. Ask a colleague.")
    today = database_now().astimezone(dt.UTC).date()
    due = due_on or today + dt.timedelta(days=DAYS)
    if due < today:
        raise KycCaseRefused("A case is due today or later.")
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        if screening_id is not None:
            whom: dict[str, Any] = {"user_id": user_id, "studio_id": studio_id}
            of_them = SanctionsScreening.objects.filter(pk=screening_id, **whom)
            if not of_them.exists():
                raise KycCaseRefused("That screening is about somebody else.")
        case = KycCase(
            user_id=user_id,
            studio_id=studio_id,
            cause=cause,
            screening_id=screening_id,
            due_on=due,
            opened_by=actor,
            opening_reason=reason.strip(),
        )
        with refused_as(KycCaseRefused):
            case.save(force_insert=True)
    kyc_case_opened.send(sender=KycCase, actor=actor, subject=case, detail={"cause": str(cause)})
    return case


@transaction.atomic
def kyc_case_take(
    *, kyc_case_id: UUID, actor: User, reason: str = "", expected_version: int | None = None
) -> KycCase:
    """Look into a case oneself. Locks: the case. Raises: IllegalTransition (somebody took it, or it is decided),
    NotThere, StaleVersion. Announces: `kyc_case_taken`.
    """
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        case = locked(KycCase, kyc_case_id, expected_version=expected_version)
        KycCase.status_machine.check(case.status, KycStatus.IN_REVIEW)
        case.status, case.owner = KycStatus.IN_REVIEW, actor
        with refused_as(KycCaseRefused):
            case.save(update_fields=["status", "owner"])
    kyc_case_taken.send(sender=KycCase, actor=actor, subject=case, changed=("status", "owner"))
    return case


@transaction.atomic
def kyc_case_decide(
    *,
    kyc_case_id: UUID,
    is_cleared: bool,
    risk: KycRisk | str,
    findings: str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> KycCase:
    """Clear or reject whom a case is about; `findings` are sealed at once, `reason` names none. Rejected: no payouts.

    Locks: the case. Raises: KycCaseRefused (nobody took it, a colleague did, no findings, no reason),
    IllegalTransition, NotThere, StaleVersion. Announces: `kyc_case_decided`.
    """
    status = KycStatus.CLEARED if is_cleared else KycStatus.REJECTED
    if not findings.strip():
        raise KycCaseRefused("Write down what you found out.")
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        case = locked(KycCase, kyc_case_id, expected_version=expected_version)
        KycCase.status_machine.check(case.status, status)
        if case.owner_id != actor.pk:
            raise KycCaseRefused("A colleague looks into this. Speak to them, or leave it to them.")
        case.status, case.risk, case.findings = status, risk, findings.strip()
        case.decision_reason, case.decided_by, case.decided_at = reason.strip(), actor, database_now()
        with (
            keys_for(Purpose.STORE, actor=actor, reason="kyc_case_decide"),
            refused_as(KycCaseRefused),
        ):
            case.save(
                update_fields=["status", "risk", "findings", "decision_reason", "decided_by", "decided_at"]
            )
    kyc_case_decided.send(sender=KycCase, actor=actor, subject=case, changed=("status", "risk"))
    return case


def kyc_findings_reveal(*, kyc_case_id: UUID, actor: User, reason: str, case_reference: str = "") -> Revealed:
    """Open the findings of a case, recorded and once.

    Whose data was read: the person, of a studio the officer who opened it, so that a colleague reads it. Raises:
    NotThere, RevealRefused, KeyMissing (a process without the private key). Announces: `data_revealed`.
    """
    case = KycCase.objects.filter(pk=kyc_case_id, findings__isnull=False).first()
    if case is None:
        raise NotThere("There is no such case that was decided, or it is about yourself.")
    return reveal(
        subject=case,
        fields=["findings"],
        person_id=case.user_id or case.opened_by_id,
        actor=actor,
        reason=reason,
        case_reference=case_reference,
    )
