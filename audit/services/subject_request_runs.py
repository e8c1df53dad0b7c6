"""Carrying out subject requests: begun by a member of staff, worked off by a job, resumed after a failure.

Each step is a transaction of its own. An erasure is one: everything of it happens, or nothing. Objects in storage go
afterwards, by their keys, one after the other; each can be tried again.
"""

from uuid import UUID

import structlog
from django.core.files.storage import InvalidStorageError, Storage, storages
from django.db import transaction

from accounts.choices import UserStatus
from accounts.models import User
from accounts.services.erasure import erasure_survey, user_erase
from accounts.services.users import user_close
from audit.models import RequestStep, SubjectRequest
from audit.models.compliance.request_step import OBJECTS
from audit.request_announcements import (
    object_removed,
    subject_request_advanced,
    subject_request_answered,
    subject_request_begun,
)
from audit.request_carriers import carrier_of
from audit.request_choices import AttemptOutcome, RequestKind, RequestStatus, StepOutcome
from audit.request_errors import FourEyes, RequestRefused
from audit.services.in_the_name import in_the_name_of
from audit.services.subject_request_moves import change, move, person_tell, request_locked, tell
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.roles import Role
from core.erasure import ErasureReport
from core.errors import Refused

logger = structlog.get_logger(__name__)

STORES = {"/attachments/": "attachments"}
"""In which store an object lies, by a part of its key; every other one in `objects`."""

CARRIED_BY_JOB = (RequestKind.ACCESS, RequestKind.PORTABILITY, RequestKind.ERASURE)
"""Kinds that a job carries out; a rectification is done by people, correction by correction."""

ERASED = (
    "What identifies the person was destroyed, on every floor, and the objects in storage with it. What the law makes "
    "us keep is listed with each step: which law, and until when."
)


@transaction.atomic
def subject_request_start(
    *, request_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> SubjectRequest:
    """Begin to carry out a request whose asker is known, or take over one that runs; a job does the work.

    For an erasure the account is closed, if it is open, and the cooling period begins; the job tries again until
    nothing stands against it. Runs as compliance. Locks: the person (erasure), the request. Raises: OwnRequest,
    FourEyes (who confirmed an erasure), IllegalTransition, RequestRefused, NotThere, StaleVersion.
    Announces: `subject_request_begun`, and `user_closed`.
    """
    from audit.jobs import subject_request_carry_out

    seen = SubjectRequest.objects.filter(pk=request_id).values_list("person_id", "kind").first()
    if seen is not None and seen[0] != actor.pk and seen[1] == RequestKind.ERASURE:
        # The person before the request, as whoever erases locks them.
        locked(User, seen[0])
    request = request_locked(request_id, actor, expected_version)
    if request.kind == RequestKind.ERASURE and request.identity_confirmed_by_id == actor.pk:
        raise FourEyes("You confirmed who asks. Somebody else carries the erasure out.")
    if request.status == RequestStatus.RUNNING:
        change(request, run_by=actor, handled_by=actor)
    else:
        move(request, RequestStatus.RUNNING, reason=reason, handled_by=actor)
        if request.kind == RequestKind.ERASURE:
            # Afterwards there is nobody left who could be told.
            person_tell(request, "It is being carried out. When your data are gone, you hear no more of us.")
    if request.kind == RequestKind.ERASURE:
        person = User.objects.get(pk=request.person_id)
        if person.status not in (UserStatus.CLOSED, UserStatus.ERASED):
            user_close(user_id=person.pk, actor=actor, reason=f"Erasure was asked for: {request.reference}.")
    tell(subject_request_begun, request, actor, reason, changed=("status", "run_by"))
    if request.kind in CARRIED_BY_JOB:
        subject_request_carry_out.enqueue(request_id=request.pk, key=str(request.pk))
    return request


def subject_request_run(*, request_id: UUID) -> AttemptOutcome | None:
    """Carry out what is left of a running request, in the name of who had it begun; None: nothing is left for a job.

    Called outside of any transaction; bears being called twice, or by two at once. What stands against it (a veto, no
    store of objects, nobody in whose name) leaves it running, and it is tried again. Locks: the person, the request,
    then each step. Raises: whatever made it fail, after saying so on the request; nothing is left half-done.
    Announces: `subject_request_advanced`, `subject_request_object_removed`, `subject_request_answered`.
    """
    with acting(Role.WORKER, durable=True):
        request = SubjectRequest.objects.running().filter(pk=request_id, kind__in=CARRIED_BY_JOB).first()
    if request is None or request.run_by_id is None:
        return None
    try:
        if request.kind == RequestKind.ERASURE:
            _erase(request)
            _remove_objects(request.pk)
            _finish(request)
        else:
            _provide(request)
    except Refused as refusal:
        logger.info("a subject request waits", request=str(request_id), words=refusal.code)
        return _attempted(request_id, AttemptOutcome.WAITING)
    except Exception:
        _attempted(request_id, AttemptOutcome.FAILED)
        raise
    return _attempted(request_id, AttemptOutcome.ADVANCED)


def subject_requests_running(*, limit: int = 500) -> list[UUID]:
    """What a job has to carry on with, the oldest first. Run as the worker."""
    found = SubjectRequest.objects.running().filter(kind__in=CARRIED_BY_JOB)
    return list(found.values_list("pk", flat=True)[:limit])


def _attempted(request_id: UUID, outcome: AttemptOutcome) -> AttemptOutcome:
    """Note how it went, unless the request was closed meanwhile."""
    with acting(Role.WORKER, durable=True):
        SubjectRequest.objects.running().filter(pk=request_id).update(
            attempt=outcome, attempted_at=database_now()
        )
    return outcome


def _erase(request: SubjectRequest) -> None:
    """Erase the person and write the steps, in one transaction; nothing if that was done before."""
    with in_the_name_of(Role.COMPLIANCE, request.run_by_id) as actor:
        if actor is None:
            raise RequestRefused("Whoever began this does not act as compliance any more. Take it over.")
        person = locked(User, request.person_id)
        request = locked(SubjectRequest, request.pk)
        if request.status != RequestStatus.RUNNING or request.steps.exists():
            return
        if person.status == UserStatus.ERASED:
            # Somebody erased the person by another way; what is kept is told all the same.
            report = erasure_survey(person.pk)
        else:
            report = user_erase(
                user_id=person.pk, actor=actor, reason=f"Erasure was asked for: {request.reference}."
            )
        RequestStep.objects.bulk_create(_steps(request, report), batch_size=1000)
        tell(subject_request_advanced, request, actor, detail=report.as_counts())


def _steps(request: SubjectRequest, report: ErasureReport) -> list[RequestStep]:
    """What was destroyed and kept, one step for a table, and one for each object that still has to go."""
    gone = [
        RequestStep(
            request=request,
            category=line.table,
            outcome=StepOutcome.DESTROYED,
            words=line.words,
            rows=line.rows,
        )
        for line in report.destroyed
        if line.rows
    ]
    kept = [
        RequestStep(
            request=request,
            category=line.table,
            outcome=StepOutcome.KEPT,
            words=line.words,
            rows=line.rows,
            legal_basis=line.why,
            until=line.until,
        )
        for line in report.kept
        if line.rows
    ]
    objects = [
        RequestStep(
            request=request,
            category=OBJECTS,
            outcome=StepOutcome.DESTROYED,
            words="an object in storage",
            rows=1,
            object_key=key,
        )
        for key in sorted(set(report.objects))
    ]
    return _merged([*gone, *kept]) + objects


def _merged(steps: list[RequestStep]) -> list[RequestStep]:
    """One step for a table and outcome: several floors may tell of the same table."""
    found: dict[tuple[str, str], RequestStep] = {}
    for step in steps:
        known = found.setdefault((step.category, step.outcome), step)
        if known is not step:
            known.rows += step.rows
            for name, most in (("words", 500), ("legal_basis", 300), ("until", 200)):
                if getattr(step, name) not in getattr(known, name):
                    setattr(known, name, f"{getattr(known, name)}; {getattr(step, name)}"[:most])
    return list(found.values())


def store_of(object_key: str) -> Storage:
    """Where an object lies. Raises RequestRefused where this installation has no such store."""
    alias = next((alias for part, alias in STORES.items() if part in object_key), OBJECTS)
    try:
        return storages[alias]
    except InvalidStorageError as error:
        raise RequestRefused(f"This installation has no store of {alias}; its objects wait.") from error


def _remove_objects(request_id: UUID) -> None:
    """Remove every object that is left, each in a transaction of its own; a failing one does not stop the others."""
    tried: set[UUID] = set()
    failure: Exception | None = None
    while True:
        with acting(Role.WORKER, durable=True):
            pending = RequestStep.objects.pending().filter(request_id=request_id).exclude(pk__in=tried)
            step = pending.select_for_update(skip_locked=True).first()
            if step is None:
                break
            tried.add(step.pk)
            key = step.object_key
            try:
                # The row first: what a hold keeps is refused before anything is gone. What is not there any more is
                # deleted without complaint, so that a killed worker's work is done again.
                with transaction.atomic():
                    step.object_key = ""
                    step.save(update_fields=["object_key"])
                    store_of(key).delete(key)
            except Exception as error:
                logger.warning(
                    "an object could not be removed", step=str(step.pk), error=type(error).__name__
                )
                failure = failure or error
                continue
            request = SubjectRequest.objects.get(pk=request_id)
            tell(object_removed, request, None, detail={"step": str(step.pk)})
    if failure is not None:
        raise failure


def _finish(request: SubjectRequest) -> None:
    """Answer an erasure of which every step is done; of two workers, the one that comes last does."""
    with in_the_name_of(Role.COMPLIANCE, request.run_by_id) as actor:
        if actor is None:
            raise RequestRefused("Whoever began this does not act as compliance any more. Take it over.")
        request = locked(SubjectRequest, request.pk)
        if request.status != RequestStatus.RUNNING or request.steps.filter(done_at__isnull=True).exists():
            return
        move(request, RequestStatus.DONE, reason="Every step is done.", answer=ERASED)
        tell(subject_request_answered, request, actor, changed=("status", "answer"))


def _provide(request: SubjectRequest) -> None:
    """Have the archive made, and write what is in it; a person reads it over and answers."""
    carrier = carrier_of(request.kind)
    if carrier is None:
        raise RequestRefused("This installation makes no archives.")
    actor = _begun_by(request)
    provided = list(carrier(request.pk, actor))
    with acting(Role.WORKER, durable=True):
        request = locked(SubjectRequest, request.pk)
        if request.status != RequestStatus.RUNNING or request.steps.exists():
            return
        RequestStep.objects.bulk_create(
            [
                RequestStep(
                    request=request,
                    category=part.category,
                    outcome=StepOutcome.PROVIDED,
                    words=part.words,
                    rows=part.rows,
                )
                for part in provided
            ],
            batch_size=1000,
        )
        tell(subject_request_advanced, request, None, detail={"categories": len(provided)})


def _begun_by(request: SubjectRequest) -> User:
    with in_the_name_of(Role.COMPLIANCE, request.run_by_id) as actor:
        if actor is None:
            raise RequestRefused("Whoever began this does not act as compliance any more. Take it over.")
        return actor
