"""Figures of the demo: the audience of a marathon's last day, and how near the roll-ups come to what was counted."""

from fractions import Fraction

from analytics.datasets.marathons.chat_loading import marathon_messages_load
from analytics.datasets.marathons.curves import curves_of
from analytics.datasets.marathons.figures import figures_compared
from analytics.datasets.marathons.play_loading import marathon_plays_load
from analytics.datasets.marathons.plays import LONGEST_HEARTBEAT
from analytics.datasets.marathons.standing import DAY, marathon_standing, people_at_home
from analytics.services.rollups import rollups_run
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step
from streams.datasets.marathon_streams import SET
from streams.demo import DATA
from streams.models import Stream

EVENT = "sgdq2019"
SCALE = Fraction(1, 500)
CHAT_SCALE = Fraction(1, 10)
SEED = 1


def load_audience() -> str:
    """Plays and messages of the last day, taken in and rolled up. A sign of life every 90 seconds keeps it quick."""
    with acting(Role.WORKER):
        curve = curves_of(DATA / SET)[EVENT] if Stream.all_objects.exists() else None
        standing = marathon_standing(curve) if curve else None
        people = people_at_home(standing.stream.performer_id) if standing else []
    if standing is None:
        return "the marathon is not there"
    until = standing.days[1]
    since = until - DAY
    loaded = marathon_plays_load(
        standing=standing,
        scale=SCALE,
        seed=SEED,
        since=since,
        until=until,
        heartbeat=LONGEST_HEARTBEAT,
        people=people,
    )
    written = marathon_messages_load(
        standing=standing, scale=CHAT_SCALE, seed=SEED, since=since, until=until, people=people
    )
    rollups_run()
    agreement = figures_compared(
        standing=standing, path=DATA / SET, scale=SCALE, chat_scale=CHAT_SCALE, since=since, until=until
    )
    return (
        f"{loaded.plays:,} plays with {loaded.events:,} events and {written:,} messages are new; beside the source "
        f"at {SCALE}, chat at {CHAT_SCALE}: {agreement}"
    )


register_step(DemoStep(61, "The audience of a marathon's last day, and its figures", load_audience))
