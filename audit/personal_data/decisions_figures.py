"""Decisions about the tables of figures: what is measured names nobody."""

from audit.personal_data.declarations import Decision, Given, Nobodys, Withheld
from audit.personal_data.reasons import COPY

PSEUDONYMOUS = (
    "Measured under keys that name nobody once their salts are destroyed, two days after the day or the stream; it is "
    "not kept in a form by which we could find you (GDPR art. 11)."
)

FIGURES: dict[str, Decision] = {
    "analytics.PlaybackEvent": Withheld(PSEUDONYMOUS),
    "analytics.PlaybackRejection": Nobodys("It counts what was not taken, and names nobody."),
    # For two days; what somebody watched by day is counted from it.
    "analytics.PlaybackViewer": Withheld(COPY),
    "analytics.RotatingSalt": Nobodys("Random bytes, destroyed after two days; they are nobody's."),
    # What somebody did here, which is what art. 20 calls provided by them: observed, and not concluded.
    "analytics.ViewerActivityDay": Given(provided=("day", "watched_seconds", "performers")),
    "analytics.ViewerPerformerDay": Given(
        provided=("performer", "day", "watched_seconds", "messages", "tips", "tip_tokens", "last_seen_at")
    ),
    "analytics.ViewerSession": Withheld(PSEUDONYMOUS),
}
