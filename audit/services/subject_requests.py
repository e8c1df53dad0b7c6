"""Subject requests: filed, taken over, identity confirmed, extended, refused, withdrawn, answered.

What is done about one is in `audit.services.subject_request_runs` and `audit.services.rectifications`.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import SubjectRequest
from audit.request_announcements import (
    subject_request_answered,
    subject_request_confirmed,
    subject_request_extended,
    subject_request_filed,
    subject_request_refused,
    subject_request_taken,
    subject_request_withdrawn,
)
from audit.request_choices import (
    Asker,
    IdentityMethod,
    RefusalGround,
    RequestChannel,
    RequestKind,
    RequestStatus,
    StepOutcome,
)
from audit.request_errors import OwnRequest, RequestRefused, UnknownPerson
from audit.request_references import request_reference
from audit.services.subject_request_moves import OWN, change, move, person_tell, request_locked, tell
from billing.anchoring import anchored_end
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as

FURTHER_MONTHS = (1, 2)
"""By how many months the first one can be extended (GDPR art. 12(3))."""


@transaction.atomic
def subject_request_file(
    *,
    person_id: UUID,
    kind: RequestKind | str,
    channel: RequestChannel | str,
    actor: User,
    asked_by: Asker | str = Asker.PERSON,
    asker: str = "",
    wish: str = "",
    received_at: dt.datetime | None = None,
) -> SubjectRequest:
    """Take in a request: by the person, as viewer or performer, through the form; or by compliance for a letter.

    `received_at` (UTC) is when a letter arrived; None: now. `asker` names who asks for the person. The answer is due a
    month later. Locks: nothing but the person, against an erasure. Raises: UnknownPerson, OwnRequest (staff about
    themselves), RequestRefused (for somebody else by the form, open already, received in the future, no such kind).
    Announces: `subject_request_filed`.
    """
    for value, choices in ((kind, RequestKind), (channel, RequestChannel), (asked_by, Asker)):
        if value not in choices.values:
            raise RequestRefused(f"There is no {value!r} among: {', '.join(choices.values)}.")
    if channel == RequestChannel.FORM:
        if person_id != actor.pk or asked_by != Asker.PERSON:
            raise RequestRefused(
                "In your account you ask about yourself. Write to us to ask for somebody else."
            )
    elif person_id == actor.pk:
        raise OwnRequest(OWN)
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        raise UnknownPerson("There is no such person. Nothing about anybody was said or written.")
    if person.erased_at is not None:
        raise UnknownPerson("This person was erased; nothing is recorded about them any more.")
    now = database_now()
    request = SubjectRequest(
        person=person,
        kind=kind,
        channel=channel,
        asked_by=asked_by,
        asker=asker.strip(),
        wish=wish.strip(),
        received_at=received_at or now,
    )
    if request.received_at > now:
        raise RequestRefused("A request is received before it is filed; this date lies in the future.")
    request.reference = request_reference(request.pk, request.received_at)
    with refused_as(RequestRefused):
        request.save(force_insert=True)
    request.refresh_from_db()
    tell(subject_request_filed, request, actor, detail={"kind": str(kind), "channel": str(channel)})
    return request


@transaction.atomic
def subject_request_take(
    *, request_id: UUID, actor: User, reason: str = "", expected_version: int | None = None
) -> SubjectRequest:
    """Work on a request from now on, in place of whoever did. Runs as compliance.

    Locks: the request. Raises: OwnRequest, RequestRefused (answered already), NotThere, StaleVersion.
    Announces: `subject_request_taken`.
    """
    request = request_locked(request_id, actor, expected_version)
    if not request.is_open:
        raise RequestRefused(
            f"This request is {request.get_status_display().lower()}. Nothing is left to do."
        )
    change(request, handled_by=actor)
    tell(subject_request_taken, request, actor, reason, changed=("handled_by",))
    return request


@transaction.atomic
def subject_request_confirm(
    *,
    request_id: UUID,
    method: IdentityMethod | str,
    actor: User,
    reason: str = "",
    expected_version: int | None = None,
) -> SubjectRequest:
    """Say that who asks is who they say, and how that was seen (GDPR art. 12(6)). Runs as compliance.

    Whoever confirms an erasure does not carry it out. Locks: the request. Raises: OwnRequest, RequestRefused (no such
    method), IllegalTransition, NotThere, StaleVersion. Announces: `subject_request_confirmed`.
    """
    if method not in IdentityMethod.values:
        raise RequestRefused(f"An identity is confirmed by one of: {', '.join(IdentityMethod.values)}.")
    request = request_locked(request_id, actor, expected_version)
    move(
        request,
        RequestStatus.VERIFIED,
        reason=reason,
        identity_method=method,
        handled_by=request.handled_by or actor,
    )
    tell(
        subject_request_confirmed,
        request,
        actor,
        reason,
        changed=("status", "identity_method"),
        detail={"method": str(method)},
    )
    return request


@transaction.atomic
def subject_request_extend(
    *, request_id: UUID, months: int, actor: User, reason: str, expected_version: int | None = None
) -> SubjectRequest:
    """Give the answer one or two further months, once, within the first one; the person is told the reason.

    Runs as compliance. Locks: the request. Raises: OwnRequest, RequestRefused (too late, twice, more than two months,
    answered, no reason), NotThere, StaleVersion. Announces: `subject_request_extended`.
    """
    if int(months) not in FURTHER_MONTHS:
        raise RequestRefused("A request is extended by one or two months (GDPR art. 12(3)).")
    if len(reason.strip()) < 3:
        raise RequestRefused("Say why it takes longer: the person is told.")
    request = request_locked(request_id, actor, expected_version)
    if not request.is_open:
        raise RequestRefused(f"This request is {request.get_status_display().lower()}: its deadline is over.")
    if request.extended_until is not None:
        raise RequestRefused("A request is extended once. Answer it, or refuse what cannot be done.")
    received = request.received_at.astimezone(dt.UTC)
    until = anchored_end(received, 1 + int(months), day=received.day, time=received.time())
    change(request, extended_until=until, extension_reason=reason.strip())
    request.refresh_from_db()
    tell(
        subject_request_extended,
        request,
        actor,
        reason,
        changed=("extended_until",),
        detail={"months": int(months)},
    )
    person_tell(request, f"We need longer, until {until:%-d %B %Y}, and say why.")
    return request


@transaction.atomic
def subject_request_refuse(
    *,
    request_id: UUID,
    ground: RefusalGround | str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> SubjectRequest:
    """Refuse a request of which nothing was done, on a ground in law, with a reason that the person is told.

    Runs as compliance. Locks: the request. Raises: OwnRequest, RequestRefused (no ground or reason, something was done
    already), IllegalTransition, NotThere, StaleVersion. Announces: `subject_request_refused`.
    """
    if ground not in RefusalGround.values:
        raise RequestRefused(f"A request is refused on a ground in law: {', '.join(RefusalGround.values)}.")
    if len(reason.strip()) < 3:
        raise RequestRefused("Say why it is refused: the person is told, and may complain.")
    request = request_locked(request_id, actor, expected_version)
    move(
        request,
        RequestStatus.REFUSED,
        reason=reason,
        refusal_ground=ground,
        refusal_reason=reason.strip(),
        handled_by=request.handled_by or actor,
    )
    tell(subject_request_refused, request, actor, reason, changed=("status",), detail={"ground": str(ground)})
    person_tell(request, "It is refused. You may complain to a supervisory authority, or go to court.")
    return request


@transaction.atomic
def subject_request_withdraw(
    *, request_id: UUID, actor: User, reason: str = "", expected_version: int | None = None
) -> SubjectRequest:
    """Take a request back of which nothing was done: the person themselves, or compliance when the person said so.

    An account that was closed for it stays closed. Locks: who acts, the request. Raises: RequestRefused (something was
    done already), IllegalTransition, NotThere (staff about themselves included), StaleVersion.
    Announces: `subject_request_withdrawn`.
    """
    # The person before the request, as an erasure locks them: the record of the move refers to who makes it.
    User.objects.select_for_update(no_key=True).filter(pk=actor.pk).first()
    # The person acts as viewer or performer: row-level security shows them their own, and compliance none of its own.
    request = locked(SubjectRequest, request_id, expected_version=expected_version)
    move(request, RequestStatus.WITHDRAWN, reason=reason)
    own = request.person_id == actor.pk
    tell(subject_request_withdrawn, request, actor, "" if own else reason, changed=("status",))
    return request


@transaction.atomic
def subject_request_answer(
    *,
    request_id: UUID,
    answer: str,
    actor: User,
    ground: RefusalGround | str | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> SubjectRequest:
    """Close a request that was carried out, with the words of the answer; in part, where a step was refused.

    Then `ground` and `reason` say why. Runs as compliance. Locks: the request. Raises: OwnRequest, RequestRefused
    (nothing done, steps open, a part refused without a ground), IllegalTransition, NotThere, StaleVersion.
    Announces: `subject_request_answered`.
    """
    if len(answer.strip()) < 3:
        raise RequestRefused("A request is answered in words: say what was done.")
    request = request_locked(request_id, actor, expected_version)
    refused = request.steps.filter(outcome=StepOutcome.REFUSED).exists()
    if not refused:
        move(request, RequestStatus.DONE, reason=reason, answer=answer.strip())
    else:
        if ground not in RefusalGround.values or len(reason.strip()) < 3:
            raise RequestRefused("A part of it was refused: give the ground in law and the reason for that.")
        move(
            request,
            RequestStatus.PARTLY_REFUSED,
            reason=reason,
            answer=answer.strip(),
            refusal_ground=ground,
            refusal_reason=reason.strip(),
        )
    tell(subject_request_answered, request, actor, reason, changed=("status", "answer"))
    person_tell(request, "It is answered.")
    return request
