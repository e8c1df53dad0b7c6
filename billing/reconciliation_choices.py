"""Values that columns of settlement files, screenings and identity cases may hold; checked in the database too."""

from django.db.models import TextChoices


class SettlementFileKind(TextChoices):
    """What a file is, and so how it is read."""

    PROVIDER_CSV = "provider_csv", "Settlement report of a provider (CSV)"
    BANK_CAMT053 = "bank_camt053", "Bank statement (camt.053)"


class SettlementFileStatus(TextChoices):
    """Where the work on a file stands."""

    TAKEN = "taken", "Taken: its lines are being matched"
    QUARANTINED = "quarantined", "Quarantined: it does not add up"
    RECONCILED = "reconciled", "Reconciled: every line is matched or an exception"
    SET_ASIDE = "set_aside", "Set aside"


class QuarantineCause(TextChoices):
    """Why a file waits in quarantine."""

    DOES_NOT_FOOT = "does_not_foot", "Opening balance and lines do not give the closing balance"
    DOES_NOT_FOLLOW = "does_not_follow", "The opening balance is not the last closing balance"


class SettlementCategory(TextChoices):
    """What a line of a settlement file is about, in words that belong to no provider."""

    CHARGE = "charge", "Charge of a payer"
    REFUND = "refund", "Refund"
    DISPUTE = "dispute", "Money taken by a dispute"
    DISPUTE_REVERSAL = "dispute_reversal", "Money given back after a dispute"
    FEE = "fee", "Fee that belongs to no payment"
    TRANSFER = "transfer", "Transfer between the provider and our bank"
    PAYOUT = "payout", "Payout to a performer or studio"
    PAYOUT_RETURN = "payout_return", "Payout that came back"
    ADJUSTMENT = "adjustment", "Adjustment by the provider"
    OTHER = "other", "Something else"


class SanctionsList(TextChoices):
    """Lists against which people and studios are screened."""

    EU = "eu", "Consolidated list of the European Union"
    UN = "un", "Consolidated list of the United Nations Security Council"
    UK = "uk", "Consolidated list of the United Kingdom"
    US = "us", "Specially Designated Nationals of the United States (OFAC)"
    CH = "ch", "List of Switzerland (SECO)"


class ScreeningOutcome(TextChoices):
    """What a screening came to."""

    CLEAR = "clear", "Nobody found"
    POSSIBLE = "possible", "Possible match: somebody has to decide"
    CONFIRMED = "confirmed", "Confirmed: it is the listed person or company"
    FALSE_MATCH = "false_match", "Somebody else of a similar name"


class KycCause(TextChoices):
    """Why somebody is looked at."""

    ONBOARDING = "onboarding", "First payout"
    PERIODIC = "periodic", "Periodic review"
    THRESHOLD = "threshold", "A threshold of payouts was reached"
    SCREENING = "screening", "A screening found somebody"
    SUSPICION = "suspicion", "Suspicion of a colleague"


class KycStatus(TextChoices):
    """Where a case stands."""

    OPEN = "open", "Open: nobody's yet"
    IN_REVIEW = "in_review", "In review"
    CLEARED = "cleared", "Cleared"
    REJECTED = "rejected", "Rejected: nothing is paid out"


class KycRisk(TextChoices):
    """How great the risk is, as the officer judges it."""

    LOW = "low", "Low"
    STANDARD = "standard", "Standard"
    HIGH = "high", "High"
