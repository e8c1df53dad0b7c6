"""Rectification (GDPR art. 16): data are corrected by the services of their own storeys, and each correction is a step.

The step names the columns, never a value: what was wrong and what is right now stands in the rows themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User, UserContact, ViewerProfile
from accounts.services.contacts import contact_remove
from accounts.services.profiles import profile_change
from audit.models import RequestStep, SubjectRequest
from audit.request_announcements import subject_request_rectified
from audit.request_choices import RefusalGround, RequestKind, RequestStatus, StepOutcome
from audit.request_errors import RequestRefused
from audit.services.subject_request_moves import request_locked, tell
from core.db.locking import NotThere
from core.db.refusals import refused_as
from performers.models import PerformerProfile
from performers.services.aliases import alias_record
from performers.services.profiles import performer_profile_change
from performers.services.residences import residence_change


@dataclass(frozen=True)
class Remedy:
    """One thing that can be corrected: the table, the columns, words for people, and the service that does it.

    `apply(person_id, value, actor, reason)` calls it; what it refuses is told as it is.
    """

    table: str
    columns: tuple[str, ...]
    words: str
    apply: Callable[[UUID, str, User, str], Any]


def _display_name(person_id: UUID, value: str, actor: User, reason: str) -> None:
    profile = ViewerProfile.objects.filter(user_id=person_id).first()
    if profile is None:
        raise NotThere("This person has no profile.")
    profile_change(viewer_profile_id=profile.pk, actor=actor, reason=reason, display_name=value)


def _performer_text(name: str) -> Callable[[UUID, str, User, str], Any]:
    def apply(person_id: UUID, value: str, actor: User, reason: str) -> None:
        texts: dict[str, Any] = {name: value}
        performer_profile_change(performer_id=person_id, actor=actor, reason=reason, **texts)

    return apply


def _alias(person_id: UUID, value: str, actor: User, reason: str) -> None:
    alias_record(performer_id=person_id, name=value, actor=actor, reason=reason)


def _residence(person_id: UUID, value: str, actor: User, reason: str) -> None:
    residence_change(performer_id=person_id, country=value, actor=actor, reason=reason)


def _contact(person_id: UUID, value: str, actor: User, reason: str) -> None:
    try:
        key = UUID(value)
    except ValueError:
        raise RequestRefused("Give the id of the address, which stands on its page.") from None
    if not UserContact.objects.filter(pk=key, user_id=person_id).exists():
        raise NotThere("This person has no such address.")
    contact_remove(contact_id=key, actor=actor, reason=reason)


PERFORMER_TEXTS = ("stage_name", "headline", "biography", "pronouns", "displayed_location")

REMEDIES: Mapping[str, Remedy] = {
    "display_name": Remedy("accounts_viewerprofile", ("display_name",), "display name", _display_name),
    **{
        name: Remedy(
            PerformerProfile._meta.db_table,
            (name,),
            f"{name.replace('_', ' ')} of the performer",
            _performer_text(name),
        )
        for name in PERFORMER_TEXTS
    },
    "alias": Remedy("performers_performeralias", ("name",), "a name used elsewhere, added", _alias),
    "residence": Remedy("performers_performerresidence", ("country",), "country of residence", _residence),
    "contact": Remedy("accounts_usercontact", ("value",), "an address that is not theirs, removed", _contact),
}
"""What compliance can correct. Handles are changed by support, settings by the person; facts get a correcting row."""


@transaction.atomic
def subject_request_rectify(
    *,
    request_id: UUID,
    what: str,
    value: str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> RequestStep:
    """Correct one thing of the person, by the service of its own storey, and write the step. Runs as compliance.

    `what` is a key of `REMEDIES`. Both happen or neither. Locks: the request, then what the service locks. Raises:
    OwnRequest, RequestRefused (nothing of that name, another kind, not running), whatever the service refuses,
    NotThere, StaleVersion. Announces: `subject_request_rectified`, and what the service announces.
    """
    remedy = REMEDIES.get(what)
    if remedy is None:
        raise RequestRefused(f"What can be corrected: {', '.join(REMEDIES)}.")
    request = _running(request_id, actor, expected_version, RequestKind.RECTIFICATION)
    remedy.apply(request.person_id, value, actor, f"Rectification, {request.reference}.")
    step = _written(
        request,
        RequestStep(
            category=remedy.table,
            outcome=StepOutcome.RECTIFIED,
            words=remedy.words,
            rows=1,
            columns=list(remedy.columns),
        ),
    )
    tell(
        subject_request_rectified,
        request,
        actor,
        reason,
        detail={"table": remedy.table, "columns": list(remedy.columns)},
    )
    return step


@transaction.atomic
def subject_request_decline(
    *,
    request_id: UUID,
    words: str,
    ground: RefusalGround | str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> RequestStep:
    """Refuse a part of a request that is being carried out, on a ground in law; it is answered as done in part.

    `words` name the part, without values. Runs as compliance. Locks: the request. Raises: OwnRequest, RequestRefused
    (no ground, not running), NotThere, StaleVersion. Announces: `subject_request_rectified` with the ground.
    """
    if ground not in RefusalGround.values:
        raise RequestRefused(f"A part is refused on a ground in law: {', '.join(RefusalGround.values)}.")
    request = _running(request_id, actor, expected_version, None)
    step = _written(
        request,
        RequestStep(
            category="part",
            outcome=StepOutcome.REFUSED,
            words=words.strip(),
            legal_basis=RefusalGround(ground).label,
        ),
    )
    tell(subject_request_rectified, request, actor, reason, detail={"refused": str(ground)})
    return step


def _running(
    request_id: UUID, actor: User, expected_version: int | None, kind: RequestKind | None
) -> SubjectRequest:
    request = request_locked(request_id, actor, expected_version)
    if kind is not None and request.kind != kind:
        raise RequestRefused(f"This is a request for {request.get_kind_display().lower()}.")
    if request.status != RequestStatus.RUNNING:
        raise RequestRefused("Begin to carry the request out first.")
    return request


def _written(request: SubjectRequest, step: RequestStep) -> RequestStep:
    step.request = request
    with refused_as(RequestRefused):
        step.save(force_insert=True)
    step.refresh_from_db()
    return step
