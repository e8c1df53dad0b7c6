"""What time does to raids, goals, polls and redemptions, every minute."""

from engagement.services.goals import goals_expire, goals_fold, goals_reach, goals_reconcile
from engagement.services.polls import polls_close
from engagement.services.raids import raids_give_up
from engagement.services.redemptions import redemptions_expire


def interactions_settle() -> dict[str, int]:
    """Count tips for goals, close goals and polls that are over, call off old raids, give back old redemptions.

    Runs as the worker; may be run twice, or by two. Returns how many of each.
    """
    folded = 0
    counts = {"missed": goals_reconcile()}
    while added := goals_fold():
        folded += added
    return {
        **counts,
        "folded": folded,
        "reached": len(goals_reach()),
        "expired": goals_expire(),
        "closed": polls_close(),
        "called_off": raids_give_up(),
        "given_back": redemptions_expire(),
    }
