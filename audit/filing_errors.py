"""What the services of filings and of access reviews refuse."""

from core.errors import Refused


class FilingRefused(Refused):
    """The filing cannot be prepared, approved, filed, amended or answered like this."""

    code = "filing_refused"


class OwnFiling(Refused):
    """Somebody would handle a filing about themselves, or approve what they wrote."""

    code = "own_filing"


class ReviewRefused(Refused):
    """The access review cannot be opened, decided or closed like this."""

    code = "review_refused"


class OwnReview(Refused):
    """Somebody would decide about their own role, or sign off what they decided."""

    code = "own_review"
