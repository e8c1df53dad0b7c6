"""Asking a colleague: written by whoever's act is above their limit."""

from django.db.models import Model

from accounts.models import User
from billing.announcements import approval_asked
from billing.errors import ApprovalRefused
from billing.models import ApprovalRequest
from billing.payment_choices import ApprovalKind
from billing.services.staff_limits import Allowance
from core.db.refusals import refused_as
from core.db.roles import Role


def approval_ask(
    *,
    kind: ApprovalKind,
    subject: Model,
    amount: int,
    currency: str,
    allowance: Allowance,
    role: Role,
    actor: User,
    reason: str,
) -> ApprovalRequest:
    """Put an act before a second person, with the limit of who asks as it is now. Runs as the worker, in their name.

    Raises: ApprovalRefused. Announces: `approval_asked`.
    """
    request = ApprovalRequest(
        kind=kind,
        maker=actor,
        maker_role=role.value,
        currency_id=currency,
        amount=amount,
        subject_table=subject._meta.db_table,
        subject_id=subject.pk,
        limits=allowance.as_json(),
        reason=reason.strip(),
    )
    with refused_as(ApprovalRefused):
        request.save(force_insert=True)
    approval_asked.send(
        sender=ApprovalRequest,
        actor=actor,
        subject=request,
        reason=reason,
        detail={"kind": request.kind, "amount": amount, "currency": currency},
    )
    return request
