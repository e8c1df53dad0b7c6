"""Values that columns of this app may hold; each is checked in the database too."""

from django.db.models import TextChoices

ISO_PERIOD = "^P(T[1-9][0-9]{0,4}M|[1-9][0-9]{0,4}[DMY])$"
"""How periods of retention are written: P90D, P13M, P7Y."""


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
    TRAIL_FAULTY = "trail_faulty", "The trail is not what was sealed"
    FILING_OVERDUE = "filing_overdue", "Filing to an authority overdue"
    ACCESS_REVIEW_OVERDUE = "access_review_overdue", "Access review overdue"


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


class HoldScope(TextChoices):
    """What a legal hold covers. Each kind is known to `audit_hold_person` (audit.0005), which says whom it is about."""

    PERSON = "person", "A person and all that is theirs"
    STREAM = "stream", "A stream, its recordings and archives"
    ARCHIVE = "archive", "An archive and its recording"


class HoldAuthority(TextChoices):
    """Who demands that something is kept."""

    COURT = "court", "Court"
    POLICE = "police", "Police or public prosecutor"
    REGULATOR = "regulator", "Regulator"
    CLAIMANT = "claimant", "Claimant, or their lawyer"
    COUNSEL = "counsel", "Our own legal counsel"


class RetentionAction(TextChoices):
    """What happens when the time is over."""

    DELETE = "delete", "The rows are deleted"
    ARCHIVE = "archive", "The partition leaves for the archive, and is destroyed there"
    BLANK = "blank", "What identifies is emptied, the row stays"
    KEEP = "keep", "Nothing: the rows stay"


class RetentionDuty(TextChoices):
    """Who obeys the retention of a table."""

    ROWS = "rows", "retention_run deletes the rows"
    JOB = "job", "A job of its own"
    PARENT = "parent", "Goes with what it belongs to"
    PARTITIONS = "partitions", "Whole partitions leave"
    LIFE = "life", "No period"
    WAITS = "waits", "Cannot be obeyed yet"


class ArchivedPartitionStatus(TextChoices):
    """The life of a file of the archive."""

    WRITTEN = "written", "Written and proven, rows still in the database"
    COLD = "cold", "In the archive"
    RESTORED = "restored", "Back in the database"
    DESTROYED = "destroyed", "Destroyed"


class RetentionOutcome(TextChoices):
    """How a run of retention ended for one table."""

    DONE = "done", "Done"
    REHEARSED = "rehearsed", "Rehearsed: nothing was deleted"
    FAILED = "failed", "Failed"


class VerificationOutcome(TextChoices):
    """How a verification of the trail stands, or what it came to."""

    WAITING = "waiting", "Waits for a worker"
    RUNNING = "running", "Runs"
    PROVEN = "proven", "Proven"
    FAULTY = "faulty", "Something is wrong"
    FAILED = "failed", "Could not be found out"
