"""What of the marathons stands in the database: their streams, by how much they were moved, and who may watch them."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from accounts.choices import UserStatus
from accounts.models import User
from analytics.datasets.marathons.curves import Curve
from core.models import DatasetOffset
from streams.datasets.marathon_streams import EVENTS, PERFORMER, SET
from streams.models import Stream

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """A marathon that was brought in: its curve, its stream, and by how much it was moved."""

    curve: Curve
    stream: Stream
    moved: timedelta

    @property
    def title(self) -> str:
        """The name that viewers know it by."""
        return EVENTS[self.curve.event]

    @property
    def days(self) -> tuple[date, date]:
        """Its first day (UTC, after the move) and the day after its last one."""
        last = self.curve.minutes[-1].at + self.moved
        return (self.curve.starts_at + self.moved).date(), last.date() + DAY


def marathon_standing(curve: Curve) -> Standing | None:
    """The stream of a curve, None where `import_dataset marathon_streams` has not brought it in. Runs as the worker."""
    offsets = DatasetOffset.objects.filter(dataset=f"{SET}/{curve.event}")
    moved = offsets.values_list("shift", flat=True).first()
    if moved is None:
        return None
    stream = Stream.all_objects.filter(
        performer__user__handle=PERFORMER, started_at=curve.starts_at + moved
    ).first()
    return Standing(curve, stream, moved) if stream else None


def people_at_home(performer_id: UUID) -> list[UUID]:
    """Who may watch and write: active people but the performer, in the order of their ids. Runs as the worker."""
    active = User.objects.filter(status=UserStatus.ACTIVE).exclude(pk=performer_id)
    return list(active.order_by("pk").values_list("pk", flat=True))
