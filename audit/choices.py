"""Values that columns of this app may hold; each is checked in the database too."""

from django.db.models import TextChoices


class Area(TextChoices):
    """Which part of the work an event belongs to. Who reads it, beyond the overseers, follows from that."""

    PEOPLE = "people", "People"
    CATALOGUE = "catalogue", "Catalogue"
    FINANCE = "finance", "Finance"
    MODERATION = "moderation", "Moderation"
    COMPLIANCE = "compliance", "Compliance"
    INSIGHT = "insight", "Insight"
    OVERSIGHT = "oversight", "Oversight"


class SecurityKind(TextChoices):
    """What happened that may be an attack."""

    PERMISSION_DENIED = "permission_denied", "Refused for lack of permission"
    ROLE_CONFLICT = "role_conflict", "Form of another role refused"
    ACCOUNT_GUESSING = "account_guessing", "Repeated failures to sign in to one account"
    ADDRESS_GUESSING = "address_guessing", "Repeated failures to sign in from one address"
    KEY_USE = "key_use", "Keys taken to decrypt"
    UNUSUAL_READING = "unusual_reading", "Unusual reading of encrypted data"
    REVEAL_REFUSED = "reveal_refused", "Reveal refused"


class Severity(TextChoices):
    """How soon somebody should look."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class RunOutcome(TextChoices):
    """How a job or a deployment stands."""

    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
