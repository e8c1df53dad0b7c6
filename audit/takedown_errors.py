"""What the services of copyright notices refuse."""

from core.errors import Refused


class NoticeRefused(Refused):
    """The notice cannot be taken in, assessed or acted upon like this."""

    code = "notice_refused"


class CounterNoticeRefused(Refused):
    """The counter-notice cannot be taken in, assessed or carried out like this."""

    code = "counter_notice_refused"


class OwnNotice(Refused):
    """Somebody would handle a notice about their own content."""

    code = "own_notice"


class TooEarly(Refused):
    """The claimant still has time to tell that an action was filed."""

    code = "too_early"
