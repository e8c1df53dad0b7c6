"""What the trail hears: announcements, refusals, failed sign-ins, runs of jobs, migrations."""

from typing import Any
from uuid import UUID

from django.apps import AppConfig, apps
from django.db.models import Model
from django.db.models.signals import post_migrate, pre_migrate
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from accounts.announcements import sign_in_failed
from audit.choices import SecurityKind, Severity
from audit.services.actions import actions_copy
from audit.services.deployments import deployment_begin, deployment_end
from audit.services.events import event_record
from audit.services.job_runs import job_run_begin, job_run_end
from audit.services.labels import labels_of_erased
from audit.services.personal_data_sources import personal_data_sources_copy
from audit.services.retention_policies import retention_policies_copy
from audit.services.security import security_event_record
from audit.services.sensitive_reads import (
    Reading,
    reveal_refusal_report,
    sensitive_read_record,
    unusual_reading_report,
)
from core.announcements import Announcement, listen
from core.db.context import acting
from core.db.roles import Role
from core.encryption import Purpose
from core.encryption.reveal import data_revealed, reveal_refused
from core.encryption.signals import keys_used
from core.jobs.runs import Run, run_begun, run_ended
from core.middleware.acting_role import ActingRoleMiddleware, request_denied

MANY_FAILURES = 5
"""So many failed sign-ins of one account, or from one address, within a quarter of an hour are a pattern."""

RECORDED_PURPOSES = (Purpose.REVEAL, Purpose.EXPORT, Purpose.ARCHIVE, Purpose.ROTATE)

ERASURE = "user_erased"
"""The announcement after which the trail forgets the words about its subject."""

REFUSALS = {
    403: (SecurityKind.PERMISSION_DENIED, Severity.MEDIUM),
    409: (SecurityKind.ROLE_CONFLICT, Severity.LOW),
}


@listen
def forget_words(sender: Any, announcement: Announcement, **named: Any) -> None:
    """When an account was erased, the words about the person go too, in the same transaction.

    Connected before `record`, and so called before it: who erased the account and why stays on record, and the function
    that records does not name an erased person again.
    """
    if announcement.action == ERASURE:
        labels_of_erased(person_id=named["subject"].pk)


@listen
def record(sender: Any, announcement: Announcement, **named: Any) -> None:
    """Every announcement becomes an event, in the transaction of the change."""
    event_record(
        action=announcement.action,
        subject=named["subject"],
        actor=named["actor"],
        reason=named["reason"],
        changed=named["changed"],
        detail=named["detail"],
    )


@receiver(data_revealed)
def record_reading(
    sender: Any, subject: Model, person_id: UUID, fields: list[str], case_reference: str, **_: Any
) -> Reading:
    """A reveal goes on only because this returns something. The event itself was written by `record` before."""
    reading = sensitive_read_record(
        subject=subject, person_id=person_id, fields=fields, case_reference=case_reference
    )
    unusual_reading_report(reading=reading, person_id=person_id)
    return reading


@receiver(keys_used)
def record_key_use(sender: Any, purpose: Purpose, **_: Any) -> None:
    """Keys that show, hand over or replace much are recorded whoever takes them; delivering is too frequent to be."""
    if purpose in RECORDED_PURPOSES:
        security_event_record(
            kind=SecurityKind.KEY_USE, severity=Severity.LOW, detail={"purpose": purpose.value}
        )


@receiver(reveal_refused)
def record_refused_reveal(sender: Any, person_id: UUID, refusal: Exception, **_: Any) -> None:
    """A reveal that was refused is told, in the transaction that goes on without it."""
    reveal_refusal_report(person_id=person_id, refusal=refusal)


@receiver(request_denied, sender=ActingRoleMiddleware)
def record_refusal(sender: Any, request: HttpRequest, response: HttpResponse, **_: Any) -> None:
    """A refused request is recorded in a transaction of its own, in the role that was refused."""
    if response.status_code not in REFUSALS:
        return
    kind, severity = REFUSALS[response.status_code]
    match = request.resolver_match
    role = getattr(request, "acting_role", None) or Role.APP
    with acting(role, user_id=request.user.pk, request_id=getattr(request, "request_id", None)):
        security_event_record(
            kind=kind,
            severity=severity,
            detail={
                "method": request.method,
                "page": match.view_name if match else None,
                "object": _identity(match.kwargs.get("object_id")) if match else None,
            },
        )


def _identity(value: object) -> str | None:
    """The id in an address if it is one: anything else may be somebody's name."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        return None


@receiver(sign_in_failed)
def record_guessing(
    sender: Any,
    user_id: UUID | None,
    address: str | None,
    user_failures: int,
    address_failures: int,
    **_: Any,
) -> None:
    """Failures that repeat are recorded at each multiple of `MANY_FAILURES`, more urgently as they go on."""
    patterns = (
        (SecurityKind.ACCOUNT_GUESSING, user_failures if user_id else 0),
        (SecurityKind.ADDRESS_GUESSING, address_failures if address else 0),
    )
    for kind, failures in patterns:
        if failures and failures % MANY_FAILURES == 0:
            security_event_record(
                kind=kind,
                severity=Severity.HIGH if failures > MANY_FAILURES else Severity.MEDIUM,
                person_id=user_id if kind is SecurityKind.ACCOUNT_GUESSING else None,
                address=address,
                detail={"failures": failures, "minutes": 15},
            )


@receiver(run_begun, sender=Run)
def record_beginning(sender: Any, run: Run, **_: Any) -> None:
    """A run is recorded before the job does anything."""
    run.record = job_run_begin(name=run.name)


@receiver(run_ended, sender=Run)
def record_end(sender: Any, run: Run, **_: Any) -> None:
    """A run is recorded again when it has ended."""
    if isinstance(run.record, UUID):
        job_run_end(run_id=run.record, counts=run.counts, failure=run.failure)


def _is(sender: AppConfig, place: int) -> bool:
    """Whether the app is the first (0) or the last (-1) of those that `migrate` tells about."""
    return sender is [config for config in apps.get_app_configs() if config.models_module][place]


def note_deployment(sender: AppConfig, using: str, plan: Any = (), **_: Any) -> None:
    """Before the first migration of a `migrate`."""
    if _is(sender, 0):
        deployment_begin(plan=plan, using=using)


def end_deployment(sender: AppConfig, using: str, plan: Any = (), **_: Any) -> None:
    """After the last migration of a `migrate`; the words of its actions and the policies of retention come with it."""
    if _is(sender, -1):
        deployment_end(plan=plan, using=using)
        actions_copy(using=using)
        retention_policies_copy(using=using)
        personal_data_sources_copy(using=using)


def connect() -> None:
    """Listen to `migrate`; everything else listens from the import of this module on."""
    pre_migrate.connect(note_deployment, dispatch_uid="audit.note_deployment")
    post_migrate.connect(end_deployment, dispatch_uid="audit.end_deployment")
