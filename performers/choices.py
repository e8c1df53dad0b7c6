"""Values of choices in performers."""

from django.db.models import TextChoices


class PerformerStatus(TextChoices):
    """Where an application, and later a performer, stands."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    VERIFIED = "verified", "Verified"
    REJECTED = "rejected", "Rejected"
    PAUSED = "paused", "Paused"
    EXPIRED = "expired", "Expired"
    OFFBOARDED = "offboarded", "Offboarded"


class LanguageLevel(TextChoices):
    """How well a performer speaks a language."""

    BASIC = "basic", "Basic"
    CONVERSATIONAL = "conversational", "Conversational"
    FLUENT = "fluent", "Fluent"
    NATIVE = "native", "Native"


class AttributeKind(TextChoices):
    """What kind of value an attribute has."""

    TEXT = "text", "Text"
    NUMBER = "number", "Whole number"
    CHOICE = "choice", "One of several"
    YES_NO = "yes_no", "Yes or no"


class AttributeVisibility(TextChoices):
    """Who sees what a performer says of herself."""

    PUBLIC = "public", "Everybody"
    PRIVATE = "private", "Nobody but the performer and staff"


class AliasSource(TextChoices):
    """How a name came to be on record."""

    STAGE_NAME = "stage_name", "Stage name here"
    DECLARED = "declared", "Declared by the performer"
    EXAMINED = "examined", "Found by an examiner"


class IdentityDocumentKind(TextChoices):
    """What was submitted to prove an identity."""

    PASSPORT = "passport", "Passport"
    IDENTITY_CARD = "identity_card", "Identity card"
    DRIVING_LICENCE = "driving_licence", "Driving licence"
    RESIDENCE_PERMIT = "residence_permit", "Residence permit"
    PHOTOGRAPH = "photograph", "Photograph of the person with the document"


class Verdict(TextChoices):
    """What an examination came to."""

    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class RejectionGround(TextChoices):
    """Why an examination rejected; the performer reads it."""

    UNREADABLE = "unreadable", "The documents cannot be read"
    MISMATCH = "mismatch", "The documents do not show what was declared"
    OTHER_PERSON = "other_person", "The documents show another person"
    NOT_ADULT = "not_adult", "Not an adult at the time of the examination"
    NOT_GENUINE = "not_genuine", "The documents are not genuine"
    DUPLICATE = "duplicate", "The person performs here already"
    INCOMPLETE = "incomplete", "Something is missing"


class OccurrenceStatus(TextChoices):
    """Where a planned broadcast stands."""

    SCHEDULED = "scheduled", "Scheduled"
    CONFLICTING = "conflicting", "In conflict"
    CANCELLED = "cancelled", "Cancelled"
    WITHDRAWN = "withdrawn", "Withdrawn with its series"


class PresenceState(TextChoices):
    """What a performer is doing now, as others see it."""

    ONLINE = "online", "Online"
    PRIVATE = "private", "In a private show"
    AWAY = "away", "Away"


class LatencyMode(TextChoices):
    """How far the picture may lag behind the camera."""

    NORMAL = "normal", "Normal"
    LOW = "low", "Low"
    ULTRA_LOW = "ultra_low", "Ultra low"


class Resolution(TextChoices):
    """Lines of the picture that a performer sends."""

    LINES_480 = "480p", "480p"
    LINES_720 = "720p", "720p"
    LINES_1080 = "1080p", "1080p"
    LINES_1440 = "1440p", "1440p"
    LINES_2160 = "2160p", "2160p"


class ChatMode(TextChoices):
    """Who may write in the chat of a stream."""

    EVERYBODY = "everybody", "Everybody"
    FOLLOWERS = "followers", "Followers"
    SUBSCRIBERS = "subscribers", "Subscribers"
    OFF = "off", "Nobody"


class DefaultVisibility(TextChoices):
    """Who may watch, unless a stream says otherwise."""

    PUBLIC = "public", "Everybody"
    FOLLOWERS = "followers", "Followers"
    SUBSCRIBERS = "subscribers", "Subscribers"
    PRIVATE_LIST = "private_list", "Named persons"


class PayoutSchedule(TextChoices):
    """How often a performer wants to be paid."""

    WEEKLY = "weekly", "Weekly"
    FORTNIGHTLY = "fortnightly", "Every two weeks"
    MONTHLY = "monthly", "Monthly"
