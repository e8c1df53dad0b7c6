"""The way to being verified, step by step, by its services."""

from datetime import datetime
from typing import Any

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from performers.choices import PerformerStatus, Verdict
from performers.models import PerformerProfile
from performers.services.admission import (
    admission_obstacles,
    application_submit,
)
from performers.services.examinations import (
    examination_decide,
)
from tests.performers.factories_admission import (
    PerformerFactory,
    declare,
)

REASON = "passport and photograph agree"


S = PerformerStatus


def submit(performer: PerformerProfile) -> PerformerProfile:
    """Apply, as the performer."""
    with acting(Role.PERFORMER, user_id=performer.pk):
        return application_submit(performer_id=performer.pk, actor=performer.user)


def decide(performer: PerformerProfile, actor: User, verdict: str = Verdict.ACCEPTED, **options: Any) -> Any:
    """Decide the examination, as compliance."""
    options = {"adult_at_examination": True, **options} if verdict == Verdict.ACCEPTED else options
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return examination_decide(
            performer_id=performer.pk, verdict=verdict, actor=actor, reason=REASON, **options
        )


def submitted() -> PerformerProfile:
    """A performer who has declared and applied."""
    performer = PerformerFactory()
    declare(performer)
    return submit(performer)


def obstacles(performer: PerformerProfile, at: datetime | None = None) -> list[str]:
    """What stands between the performer and the air."""
    with acting(Role.WORKER):
        return [
            found.code for found in admission_obstacles(performer_ids=[performer.pk], at=at)[performer.pk]
        ]


def status_of(performer: PerformerProfile) -> str:
    """What the database says."""
    return PerformerProfile.objects.get(pk=performer.pk).status
