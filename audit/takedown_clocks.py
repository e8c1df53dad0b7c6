"""The clocks of notices and counter-notices: what must have happened by when, and which law says so.

The statute says "expeditiously" and "promptly" where it names no number of days; the numbers there are the house's own
and stand here, in one place.
"""

from dataclasses import dataclass
from datetime import datetime

from audit.business_days import business_days_after
from audit.takedown_choices import CounterNoticeStatus, NoticeStatus

RESTORE_NOT_BEFORE = 10
RESTORE_NOT_AFTER = 14
"""Business days after a valid counter-notice between which content is restored (17 USC 512(g)(2)(C))."""


@dataclass(frozen=True)
class Clock:
    """What has to happen in a state, why, and within how many business days; None: another rule says when."""

    words: str
    law: str
    days: int | None

    def due(self, start: datetime) -> datetime:
        """When it is due if the clock starts at `start`. Raises ValueError for a clock that runs by another rule."""
        if self.days is None:
            raise ValueError(f"{self.words!r} is due by a rule of its own.")
        return business_days_after(start, self.days)


NOTICE_CLOCKS: dict[str, Clock] = {
    NoticeStatus.RECEIVED: Clock("Assess it", "17 USC 512(c)(1)(C): expeditiously", 3),
    NoticeStatus.INCOMPLETE: Clock("The claimant supplies what is missing", "17 USC 512(c)(3)(B)(ii)", 10),
    NoticeStatus.ACCEPTED: Clock("Disable the content", "17 USC 512(c)(1)(C): expeditiously", 1),
    NoticeStatus.COUNTER_NOTICED: Clock(
        "Restore, unless an action is filed", "17 USC 512(g)(2)(C): 10 to 14 business days", None
    ),
}
"""States of a notice in which somebody has to do something; in the others no clock runs."""

COUNTER_CLOCKS: dict[str, Clock] = {
    CounterNoticeStatus.RECEIVED: Clock("Assess it", "17 USC 512(g)(2)(B): promptly", 2),
    CounterNoticeStatus.INCOMPLETE: Clock("The subscriber supplies what is missing", "17 USC 512(g)(3)", 10),
    CounterNoticeStatus.VALID: Clock(
        "Restore, unless an action is filed", "17 USC 512(g)(2)(C): 10 to 14 business days", None
    ),
}


@dataclass(frozen=True)
class Window:
    """When content comes back after a counter-notice: from the end of the tenth business day to that of the 14th."""

    opens: datetime
    closes: datetime


def restoration_window(complete_since: datetime) -> Window:
    """The window of a counter-notice that has been complete since then; the claimant has ten whole days to sue."""
    return Window(
        business_days_after(complete_since, RESTORE_NOT_BEFORE),
        business_days_after(complete_since, RESTORE_NOT_AFTER),
    )
