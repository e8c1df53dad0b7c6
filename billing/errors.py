"""What the services of this app refuse."""

from core.errors import Refused


class JournalRefused(Refused):
    """An entry or account that the ledger does not take."""

    code = "journal_refused"


class NotCovered(JournalRefused):
    """An account does not hold what would be taken from it."""

    code = "not_covered"


class OtherBody(JournalRefused):
    """The key of an entry was used before, for something else."""

    code = "other_body"


class PeriodRefused(JournalRefused):
    """An accounting period that takes no such entry, or cannot be closed or opened now."""

    code = "period_refused"
