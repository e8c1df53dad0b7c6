"""Values that columns of moderation may hold; each is checked in the database too."""

from django.db.models import TextChoices


class SubjectKind(TextChoices):
    """What can be reported and decided about; each kind is described in `audit.subjects`."""

    PERSON = "person", "Person"
    PROFILE = "profile", "Performer's profile"
    STREAM = "stream", "Stream"
    ARCHIVE = "archive", "Archive"
    CHAT_MESSAGE = "chat_message", "Chat message"
    CHAT_ROOM = "chat_room", "Chat room"
    DIRECT_MESSAGE = "direct_message", "Private message"


class ReportCategory(TextChoices):
    """What somebody says is wrong, in the words of the form on the public site."""

    MINOR_SAFETY = "minor_safety", "A minor is shown or addressed"
    NON_CONSENT = "non_consent", "Somebody is shown without their consent"
    VIOLENCE = "violence", "Violence or threats"
    SELF_HARM = "self_harm", "Self-harm"
    TRAFFICKING = "trafficking", "Coercion or trafficking"
    HATE = "hate", "Hate"
    HARASSMENT = "harassment", "Harassment"
    IMPERSONATION = "impersonation", "Impersonation"
    FRAUD = "fraud", "Fraud or scam"
    SPAM = "spam", "Spam"
    INTELLECTUAL_PROPERTY = "intellectual_property", "Somebody else's work"
    PRIVACY = "privacy", "Private data"
    ILLEGAL_GOODS = "illegal_goods", "Illegal goods or services"
    WRONG_LABEL = "wrong_label", "Wrong category or missing label"
    REPEATED_VIOLATIONS = "repeated_violations", "Repeated violations"
    OTHER = "other", "Something else"


class ReportSource(TextChoices):
    """From whom a report comes (Regulation (EU) 2022/2065, articles 9, 16 and 22)."""

    USER = "user", "A user"
    TRUSTED_FLAGGER = "trusted_flagger", "A trusted flagger"
    AUTHORITY = "authority", "An authority"
    AUTOMATIC = "automatic", "Automatic detection"
    STAFF = "staff", "Staff"


class ReportStatus(TextChoices):
    """What became of a report."""

    RECEIVED = "received", "Received"
    UPHELD = "upheld", "Upheld"
    REJECTED = "rejected", "Rejected"


class CaseStatus(TextChoices):
    """Where a case stands."""

    OPEN = "open", "Open"
    CLAIMED = "claimed", "Claimed"
    ESCALATED = "escalated", "Escalated"
    DECIDED = "decided", "Decided"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Reopened"


class EscalationRoute(TextChoices):
    """To whom a case is escalated."""

    LEAD = "lead", "Lead moderators"
    LEGAL = "legal", "Legal counsel, by compliance"


class CaseEventKind(TextChoices):
    """What happened to a case. Claims and leases are not here: they would flood the history."""

    OPENED = "opened", "Opened"
    REPORTED = "reported", "Reported again"
    NOTE = "note", "Note"
    QUEUED = "queued", "Moved to another queue"
    ESCALATED = "escalated", "Escalated"
    DECIDED = "decided", "Decided"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Reopened"
    APPEALED = "appealed", "Appealed"


class NoteAudience(TextChoices):
    """Who reads an entry of a case."""

    INTERNAL = "internal", "Colleagues only"
    PERSON = "person", "The person concerned too"
    REPORTERS = "reporters", "Those who reported too"


class EvidenceKind(TextChoices):
    """What a piece of evidence is."""

    SNAPSHOT = "snapshot", "The subject as it was"
    MEDIA = "media", "Picture or recording"
    ATTACHMENT = "attachment", "Added by staff"


class Severity(TextChoices):
    """How grave a violation of a policy is."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class PolicyGround(TextChoices):
    """On what a policy rests (Regulation (EU) 2022/2065, article 17(3)(d) and (e))."""

    TERMS = "terms", "The terms and conditions"
    LAW = "law", "The law"


class PolicyVersionStatus(TextChoices):
    """Where a version of a policy stands."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class DecisionKind(TextChoices):
    """Why a decision was made."""

    ORIGINAL = "original", "On a case"
    APPEAL = "appeal", "On an appeal"
    CORRECTION = "correction", "Correction of a decision"
    UNDO = "undo", "Undoing of a bulk job"


class DecisionOutcome(TextChoices):
    """What a decision says."""

    VIOLATION = "violation", "Violation"
    NO_VIOLATION = "no_violation", "No violation"
    REVERSAL = "reversal", "Reversal of an earlier decision"


class AutomationDegree(TextChoices):
    """How far a machine took the decision (as the transparency database of the European Commission has it)."""

    NONE = "none", "Not automated"
    PARTIAL = "partial", "Partially automated"
    FULL = "full", "Fully automated"


class EffectAxis(TextChoices):
    """Which restriction an effect is (Regulation (EU) 2022/2065, article 17(1) (a) to (d))."""

    VISIBILITY = "visibility", "Visibility of content"
    MONETARY = "monetary", "Payments"
    SERVICE = "service", "Provision of the service"
    ACCOUNT = "account", "Account"
    NONE = "none", "No restriction"


class EffectKind(TextChoices):
    """What a decision does; each is described in `audit.effects`."""

    WARN = "warn", "Warn"
    BAR_CHAT = "bar_chat", "Bar from chat"
    BAR_STREAM = "bar_stream", "Bar from streaming"
    BAR_TIP = "bar_tip", "Bar from tipping"
    BAR_UPLOAD = "bar_upload", "Bar from uploading"
    BAR_MESSAGE = "bar_message", "Bar from private messages"
    BAR_REPORT = "bar_report", "Bar from reporting"
    SUSPEND = "suspend", "Suspend the account"
    PROFILE_CLEAR = "profile_clear", "Clear the words of the profile"
    STREAM_END = "stream_end", "End the stream"
    STREAM_HIDE = "stream_hide", "Hide the stream"
    ARCHIVE_RESTRICT = "archive_restrict", "Restrict the archive"
    ARCHIVE_REMOVE = "archive_remove", "Remove the archive"
    CHAT_MESSAGE_HIDE = "chat_message_hide", "Remove the chat message"
    CHAT_ROOM_HIDE = "chat_room_hide", "Hide the chat room"
    DIRECT_MESSAGE_HIDE = "direct_message_hide", "Hide the private message"


class EffectSlot(TextChoices):
    """What an effect acts on. Two effects of one decision on one target never share a slot: they would contradict."""

    WARNING = "warning", "Warning"
    CHAT = "chat", "Chat"
    STREAM = "stream", "Streaming"
    TIP = "tip", "Tipping"
    UPLOAD = "upload", "Uploading"
    MESSAGE = "message", "Private messages"
    REPORT = "report", "Reporting"
    SIGN_IN = "sign_in", "Signing in"
    WORDS = "words", "Words"
    BROADCAST = "broadcast", "Broadcast"
    VISIBILITY = "visibility", "Visibility"


class EffectResult(TextChoices):
    """How carrying out an effect, or undoing one, ended."""

    DONE = "done", "Done"
    LAPSED = "lapsed", "Over by itself: nothing was left to undo"
    FINAL = "final", "Cannot be undone"


class StrikeAction(TextChoices):
    """What a step of the ladder proposes."""

    WARN = "warn", "Warn"
    BAR_STREAM = "bar_stream", "Bar from streaming"
    BAR_CHAT = "bar_chat", "Bar from chat"
    SUSPEND = "suspend", "Suspend the account"


class ProposalStatus(TextChoices):
    """What became of what the ladder proposed."""

    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted by a decision"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn: the strikes were revoked"


class AppealSide(TextChoices):
    """Who appeals (Regulation (EU) 2022/2065, article 20(1))."""

    AUTHOR = "author", "The person decided about"
    REPORTER = "reporter", "Somebody who reported"


class AppealStatus(TextChoices):
    """Where an appeal stands."""

    FILED = "filed", "Filed"
    REVIEWING = "reviewing", "Being reviewed"
    UPHELD = "upheld", "Decision upheld"
    OVERTURNED = "overturned", "Decision overturned"
    INADMISSIBLE = "inadmissible", "Inadmissible"


class DecisionNotificationKind(TextChoices):
    """What somebody is told."""

    STATEMENT = "statement", "Statement of reasons"
    REPORT_OUTCOME = "report_outcome", "Outcome of a report"
    APPEAL_RECEIVED = "appeal_received", "Receipt of an appeal"
    APPEAL_OUTCOME = "appeal_outcome", "Outcome of an appeal"
    REVERSAL = "reversal", "Reversal of a decision"


class BulkStatus(TextChoices):
    """Where a bulk job stands."""

    PREVIEWED = "previewed", "Previewed"
    WAITING = "waiting", "Waits for a second person"
    APPROVED = "approved", "Approved"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


class BulkItemStatus(TextChoices):
    """What became of one case of a bulk job."""

    PENDING = "pending", "Pending"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    UNDONE = "undone", "Undone"
    KEPT = "kept", "Could not be undone"
