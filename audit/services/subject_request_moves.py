"""What services of subject requests share: the row locked, moved with a reason, and told of."""

from typing import Any
from uuid import UUID

from accounts.models import User
from audit.models import SubjectRequest
from audit.request_choices import RequestStatus
from audit.request_errors import OwnRequest, RequestRefused
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from engagement.services.notification_events import notification_event_record
from streams.services.moves import because

OWN = "This is about yourself. Ask in your own account; a colleague handles it."


def request_locked(request_id: UUID, actor: User | None, expected_version: int | None) -> SubjectRequest:
    """The request, locked until the transaction ends. Raises: OwnRequest, NotThere, StaleVersion."""
    about = SubjectRequest.objects.filter(pk=request_id).values_list("person_id", flat=True).first()
    if about is None:
        raise NotThere("There is no such request, or your role may not see it.")
    if actor is not None and about == actor.pk:
        raise OwnRequest(OWN)
    return locked(SubjectRequest, request_id, expected_version=expected_version)


def move(request: SubjectRequest, status: RequestStatus, *, reason: str = "", **changes: Any) -> None:
    """Move a locked request and save what changes with it. Raises: IllegalTransition, RequestRefused."""
    SubjectRequest.status_machine.check(request.status, status)
    request.status = status
    change(request, reason=reason, status=status, **changes)


def change(request: SubjectRequest, *, reason: str = "", **changes: Any) -> None:
    """Save columns of a locked request. Raises: RequestRefused, in the words of the database."""
    for name, value in changes.items():
        setattr(request, name, value)
    with refused_as(RequestRefused), because(reason.strip()[:2000]):
        request.save(update_fields=list(changes))
    request.refresh_from_db()


def tell(
    announcement: Any, request: SubjectRequest, actor: User | None, reason: str = "", **named: Any
) -> None:
    """Announce what happened to a request."""
    announcement.send(sender=SubjectRequest, actor=actor, subject=request, reason=reason, **named)


def person_tell(request: SubjectRequest, what: str) -> None:
    """Let the person know, in the app and by mail, that their request got on; once for each state of it.

    `what` is a sentence without anything of what was asked or answered, for that stands in the account.
    """
    notification_event_record(
        trigger="subject_request",
        idempotency_key=f"{request.pk}:{request.version}",
        variables={"reference": request.reference, "what": what},
        recipient_ids=[request.person_id],
        actor=None,
        deep_link="/account/requests",
    )
