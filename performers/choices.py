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
