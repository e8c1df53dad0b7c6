"""Who may watch what: the grounds of the decision, those of later apps included, and the decision itself."""

from streams.watching.decision import Answer, WatchDecision, watch_decision
from streams.watching.facts import WatchFacts
from streams.watching.grounds import Ground, register_ground, registered_grounds

__all__ = [
    "Answer",
    "Ground",
    "WatchDecision",
    "WatchFacts",
    "register_ground",
    "registered_grounds",
    "watch_decision",
]
