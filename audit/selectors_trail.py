"""How the trail stands: what is sealed, what waits, and when it was proven last."""

from dataclasses import dataclass
from datetime import timedelta

from audit.models import Seal, TrailVerification
from audit.services.seals import seal_lag
from core.db.clock import database_now

STANDS_STILL = timedelta(hours=1)
"""Events without a seal for longer than this mean that sealing stands still: it runs every minute."""

STALE = timedelta(hours=36)
"""The trail is verified every day."""


@dataclass(frozen=True)
class TrailState:
    """Rows as they stand; `waited` is how long the oldest event without a seal has waited."""

    latest: Seal | None
    waited: timedelta | None
    last: TrailVerification | None
    under_way: TrailVerification | None
    is_stale: bool

    @property
    def stands_still(self) -> bool:
        """Whether sealing has fallen behind."""
        return self.waited is not None and self.waited > STANDS_STILL


def trail_state() -> TrailState:
    """The state of the trail in four statements, however long it is."""
    lag = seal_lag()
    verifications = TrailVerification.objects.select_related("asked_by", "last_seal").order_by("-pk")
    last = verifications.filter(finished_at__isnull=False).first()
    return TrailState(
        latest=Seal.objects.select_related("previous").order_by("-number").first(),
        waited=None if lag is None else timedelta(seconds=float(lag)),
        last=last,
        under_way=verifications.filter(finished_at__isnull=True).first(),
        is_stale=last is None or last.created_at < database_now() - STALE,
    )
