"""What the services of this app refuse."""

from core.errors import Refused


class RebuildRefused(Refused):
    """The range cannot be computed anew: no such roll-up, or too long a range."""

    code = "rebuild_refused"


class OtherPlaysThere(Refused):
    """A day of a marathon holds generated plays of another seed or scale."""

    code = "other_plays_there"


class RangeRefused(Refused):
    """Figures of no days, of days before the calendar of ids, or of too many at once."""

    code = "range_refused"


class RevenueRefused(Refused):
    """The days or the unit asked for make no sense."""

    code = "revenue_refused"
