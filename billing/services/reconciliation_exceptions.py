"""Differences between what we hold and what is reported: raised by services of money, seen to by finance."""

from typing import Any
from uuid import UUID

from django.db import models, transaction

from accounts.models import User
from billing.announcements import exception_resolved, exception_taken
from billing.errors import ExceptionRefused
from billing.models.reconciliation_exception import UNRESOLVED, ReconciliationException
from billing.provider_choices import ExceptionKind, ExceptionResolution, ExceptionStatus
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role


@transaction.atomic
def reconciliation_exception_raise(
    *,
    kind: ExceptionKind,
    subject: models.Model,
    words: str,
    provider_account_id: UUID | None = None,
    event_id: UUID | None = None,
    reference: str = "",
    currency: str | None = None,
    expected_amount: int | None = None,
    reported_amount: int | None = None,
) -> ReconciliationException:
    """Put a difference before somebody, in the transaction in which it is found; the same one once while unresolved.

    `subject` is a row of billing; `event_id` our id of the message that reports it. Acts as the worker. Raises:
    ExceptionRefused (no words, an amount without currency).
    """
    with acting(Role.WORKER), refused_as(ExceptionRefused):
        found, _ = ReconciliationException.objects.get_or_create(
            kind=kind,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            status__in=UNRESOLVED,
            defaults={
                "status": ExceptionStatus.OPEN,
                "provider_account_id": provider_account_id,
                "provider_event_id": event_id,
                "reference": reference,
                "currency_id": currency,
                "expected_amount": expected_amount,
                "reported_amount": reported_amount,
                "words": words,
            },
        )
    return found
