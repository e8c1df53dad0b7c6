"""Subject requests of the tests, brought by the services as far as a test needs them."""

from typing import Any

from accounts.models import User
from audit.models import SubjectRequest
from audit.services.subject_requests import subject_request_confirm, subject_request_file
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff

WHY = "as the letter says"


def officer() -> User:
    """Somebody of compliance."""
    return staff(Role.COMPLIANCE)


def filed(person: User | None = None, kind: str = "access", actor: User | None = None, **options: Any) -> Any:
    """A request that came by letter."""
    person, actor = person or UserFactory(), actor or officer()
    values: dict[str, Any] = {"channel": "email", "wish": "All of it, please.", **options}
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return subject_request_file(person_id=person.pk, kind=kind, actor=actor, **values)


def asked(person: User, kind: str = "access", role: Role = Role.VIEWER, **options: Any) -> SubjectRequest:
    """A request that the person made in their account."""
    with acting(role, user_id=person.pk):
        return subject_request_file(person_id=person.pk, kind=kind, channel="form", actor=person, **options)


def by(actor: User, service: Any, request: SubjectRequest, **options: Any) -> Any:
    """A service of compliance on a request."""
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return service(request_id=request.pk, actor=actor, **options)


def confirmed(
    person: User | None = None, kind: str = "access", actor: User | None = None, **options: Any
) -> SubjectRequest:
    """A request whose asker is known."""
    request = filed(person, kind, **options)
    return by(actor or officer(), subject_request_confirm, request, method="contact_code", reason=WHY)
