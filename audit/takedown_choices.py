"""Values that columns of copyright notices may hold; each is checked in the database too."""

from django.db.models import TextChoices


class NoticeSource(TextChoices):
    """How a notice or a counter-notice reached the designated agent."""

    FORM = "form", "Form on the site"
    EMAIL = "email", "E-mail"
    POST = "post", "By post to the designated agent"
    IMPORT = "import", "Imported"


class NoticeStatus(TextChoices):
    """Where a notice stands."""

    RECEIVED = "received", "Received"
    INCOMPLETE = "incomplete", "Incomplete"
    ACCEPTED = "accepted", "Accepted"
    CONTENT_DISABLED = "content_disabled", "Content disabled"
    COUNTER_NOTICED = "counter_noticed", "Counter-noticed"
    UPHELD = "upheld", "Upheld by an action in court"
    RESTORED = "restored", "Restored"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REJECTED = "rejected", "Rejected"
    LAPSED = "lapsed", "Lapsed"


class CounterNoticeStatus(TextChoices):
    """Where a counter-notice stands."""

    RECEIVED = "received", "Received"
    INCOMPLETE = "incomplete", "Incomplete"
    VALID = "valid", "Valid"
    RESTORED = "restored", "Restored"
    ACTION_FILED = "action_filed", "Answered by an action in court"
    REJECTED = "rejected", "Rejected"
    LAPSED = "lapsed", "Lapsed"
    MOOT = "moot", "Settled by a retraction"


class TargetKind(TextChoices):
    """What a notice can be about. More kinds come with the tables of later floors."""

    ARCHIVE = "archive", "Archive"
    STREAM = "stream", "Stream"


class TargetEffect(TextChoices):
    """What disabling did to a target."""

    REMOVED = "removed", "Archive removed"
    ENDED = "ended", "Stream ended"
    UNAVAILABLE = "unavailable", "Nobody could see it already"
    ELSEWHERE = "elsewhere", "Carried out before it was imported"


class RejectionGround(TextChoices):
    """Why a notice is not acted upon."""

    NOT_HERE = "not_here", "Names nothing that is on the platform"
    NOT_COPYRIGHT = "not_copyright", "Is not about copyright"
    NOT_AUTHORISED = "not_authorised", "Not from the owner or an agent"
    LICENSED = "licensed", "Licensed, or an exception applies"
    INCOMPLETE = "incomplete", "Elements of a notice are missing for good"
    MISREPRESENTATION = "misrepresentation", "Knowingly false (17 USC 512(f))"
