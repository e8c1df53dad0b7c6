"""Values that columns of filings to authorities may hold; each is checked in the database too."""

from django.db.models import TextChoices


class FilingKind(TextChoices):
    """What is filed. Law, deadline and usual authority of each stand in `audit.filing_rules`."""

    CHILD_SAFETY = "child_safety", "Report of apparent child sexual exploitation"
    SUSPECTED_OFFENCE = "suspected_offence", "Suspicion of an offence against life or safety"
    DATA_BREACH = "data_breach", "Personal-data breach"
    SUSPICIOUS_TRANSACTION = "suspicious_transaction", "Suspicious transaction"
    TAX_REPORT = "tax_report", "Yearly tax report about sellers"
    AUTHORITY_ORDER = "authority_order", "Effect given to an order of an authority"


class FilingStatus(TextChoices):
    """Where a filing stands."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waits for approval"
    APPROVED = "approved", "Approved, to be filed"
    FILED = "filed", "Filed"
    CLOSED = "closed", "Answered"
    AMENDED = "amended", "Replaced by an amendment"
    DROPPED = "dropped", "Not to be filed"


class FilingOutcome(TextChoices):
    """What the authority made of a filing."""

    ACKNOWLEDGED = "acknowledged", "Acknowledged, nothing further asked"
    INFORMATION_ASKED = "information_asked", "Further information asked for"
    PROCEEDINGS = "proceedings", "Proceedings opened"
    NO_ACTION = "no_action", "Closed without action"
    REJECTED = "rejected", "Rejected: not as the authority demands it"
    SANCTION = "sanction", "Measure or sanction against the platform"
