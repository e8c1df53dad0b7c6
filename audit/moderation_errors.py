"""What the services of moderation refuse."""

from core.errors import NotPermitted, Refused


class ReportRefused(Refused):
    """The report was not taken: nothing is there, or the reporter may not report it."""

    code = "report_refused"


class CaseHeld(Refused):
    """A colleague holds the case at this moment."""

    code = "case_held"


class CaseNotHeld(Refused):
    """Only whoever holds the case may do this; the lease may have run out."""

    code = "case_not_held"


class CaseRefused(Refused):
    """The case cannot be moved like this."""

    code = "case_refused"


class OwnCase(NotPermitted):
    """Nobody works a case about themselves."""

    code = "own_case"


class NoteRefused(Refused):
    """The note was not written."""

    code = "note_refused"


class FilterRefused(Refused):
    """The filter was not kept."""

    code = "filter_refused"


class PolicyRefused(Refused):
    """The policy or its version cannot be written like this."""

    code = "policy_refused"


class QueueRefused(Refused):
    """The queue or the rule cannot be written like this."""

    code = "queue_refused"
