"""What may be done about a subject request, by whoever handles them."""

from typing import Any

from accounts.admin.records_of_person import erasure_words
from audit.admin.subject_request_forms import (
    AnswerForm,
    ExtensionForm,
    GroundForm,
    IdentityForm,
    PartForm,
    RemedyForm,
)
from audit.admin.takedown_words import instant
from audit.models import SubjectRequest
from audit.request_choices import OPEN, RequestKind, RequestStatus
from audit.services.rectifications import subject_request_decline, subject_request_rectify
from audit.services.subject_request_runs import subject_request_start
from audit.services.subject_requests import (
    subject_request_answer,
    subject_request_confirm,
    subject_request_extend,
    subject_request_refuse,
    subject_request_take,
    subject_request_withdraw,
)
from core.admin.actions import ConfirmedAction, stands

HANDLE = "audit.handle_subjectrequest"


def _start_words(request: SubjectRequest) -> Any:
    if request.kind != RequestKind.ERASURE:
        return f"{request.get_kind_display()} begins. Every step is listed on the page of the request."
    return erasure_words(request.person)


def _refuse_words(request: SubjectRequest) -> str:
    return (
        f"{request} is closed: nothing of it is done. The person is told the ground and the reason, and may complain "
        "to the supervisory authority or go to court (GDPR art. 12(4))."
    )


REQUEST_ACTIONS = (
    ConfirmedAction(
        "take",
        subject_request_take,
        HANDLE,
        words="Take over",
        explain="You work on it from now on, in place of whoever does.",
        done="You work on {obj}.",
        available=stands(*OPEN),
        id_kwarg="request_id",
    ),
    ConfirmedAction(
        "confirm",
        subject_request_confirm,
        HANDLE,
        IdentityForm,
        words="Confirm identity",
        explain=(
            "Whoever asks is who they say (GDPR art. 12(6)). Nothing runs before. If it is an erasure, somebody else "
            "has to carry it out."
        ),
        done="Confirmed: {obj}.",
        available=stands(RequestStatus.RECEIVED),
        id_kwarg="request_id",
    ),
    ConfirmedAction(
        "start",
        subject_request_start,
        HANDLE,
        words="Carry out",
        explain=_start_words,
        done="{obj} is being carried out.",
        dangerous=True,
        available=stands(RequestStatus.VERIFIED, RequestStatus.RUNNING),
        id_kwarg="request_id",
    ),
    ConfirmedAction(
        "rectify",
        subject_request_rectify,
        HANDLE,
        RemedyForm,
        words="Correct something",
        explain="It is corrected at once. The step names the column, and no value.",
        done="Corrected for {obj}.",
        available=lambda request: (
            request.kind == RequestKind.RECTIFICATION and request.status == RequestStatus.RUNNING
        ),
        id_kwarg="request_id",
    ),
    ConfirmedAction(
        "decline",
        subject_request_decline,
        HANDLE,
        PartForm,
        words="Refuse a part",
        explain="This part is not done; the request is answered as done in part.",
        done="A part was refused: {obj}.",
        available=stands(RequestStatus.RUNNING),
        id_kwarg="request_id",
    ),
    ConfirmedAction(
        "answer",
        subject_request_answer,
        HANDLE,
        AnswerForm,
        words="Answer",
        explain="The request is closed with these words.",
        done="Answered: {obj}.",
        available=stands(RequestStatus.RUNNING),
        id_kwarg="request_id",
    ),
    ConfirmedAction(
        "extend",
        subject_request_extend,
        HANDLE,
        ExtensionForm,
        words="Extend",
        explain=lambda request: (
            f"Due {instant(request.due_at)} UTC. Once, within the first month, by two months at most (GDPR art. "
            "12(3)); the person is told the reason."
        ),
        done="Extended: {obj}.",
        available=lambda request: request.is_open and request.extended_until is None,
        id_kwarg="request_id",
    ),
    ConfirmedAction(
        "refuse",
        subject_request_refuse,
        HANDLE,
        GroundForm,
        words="Refuse",
        explain=_refuse_words,
        done="Refused: {obj}.",
        dangerous=True,
        available=stands(*OPEN),
        id_kwarg="request_id",
    ),
    ConfirmedAction(
        "withdraw",
        subject_request_withdraw,
        HANDLE,
        words="Withdraw",
        explain="The person said so. An account that was closed for it stays closed.",
        done="Withdrawn: {obj}.",
        available=stands(*OPEN),
        id_kwarg="request_id",
    ),
)
