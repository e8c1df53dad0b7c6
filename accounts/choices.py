"""Values that columns of this app may hold; each is checked in the database too."""

from django.db.models import TextChoices


class UserStatus(TextChoices):
    """Where an account stands."""

    PENDING = "pending", "Pending"
    ACTIVE = "active", "Active"
    RESTRICTED = "restricted", "Restricted"
    SUSPENDED = "suspended", "Suspended"
    CLOSED = "closed", "Closed"
    ERASED = "erased", "Erased"


class SignUpSource(TextChoices):
    """How an account came into being."""

    WEB = "web", "Public site"
    STAFF = "staff", "Added by staff"
    IMPORT = "import", "Imported"


class RestrictionKind(TextChoices):
    """What a restricted person may not do."""

    CHAT = "chat", "Chat"
    STREAM = "stream", "Stream"
    TIP = "tip", "Tip"
    UPLOAD = "upload", "Upload media"
    MESSAGE = "message", "Send private messages"
    SIGN_IN = "sign_in", "Sign in"


class FlagKind(TextChoices):
    """What a moderation flag says about an account."""

    SPAM = "spam", "Spam"
    IMPERSONATION = "impersonation", "Impersonation"
    UNDERAGE = "underage", "Possibly under age"
    PAYMENT_FRAUD = "payment_fraud", "Payment fraud"
    HARASSMENT = "harassment", "Harassment"
    COMPROMISED = "compromised", "Account taken over"
    MULTIPLE_ACCOUNTS = "multiple_accounts", "Several accounts of one person"


class FlagSource(TextChoices):
    """Who or what raised a flag."""

    STAFF = "staff", "Staff"
    USER_REPORT = "user_report", "Report by a user"
    AUTOMATIC = "automatic", "Automatic detection"
    AUTHORITY = "authority", "Authority"


class FlagResolution(TextChoices):
    """How a flag ended."""

    CONFIRMED = "confirmed", "Confirmed"
    DISMISSED = "dismissed", "Dismissed"


class ReservationReason(TextChoices):
    """Why nobody may take a handle."""

    SYSTEM = "system", "Used by the platform"
    BRAND = "brand", "Protected name"
    QUARANTINE = "quarantine", "Freed recently"


class QualityCap(TextChoices):
    """The highest picture quality that a viewer asks for."""

    AUTOMATIC = "automatic", "Automatic"
    LOW = "480p", "480p"
    MEDIUM = "720p", "720p"
    HIGH = "1080p", "1080p"


class SignInFailure(TextChoices):
    """Why an attempt to sign in failed; the person is told none of this."""

    UNKNOWN_HANDLE = "unknown_handle", "No such account"
    WRONG_PASSWORD = "wrong_password", "Wrong password"
    BARRED = "barred", "Barred from signing in"
    NOT_ACTIVE = "not_active", "Account not active"
    NO_ROLE = "no_role", "No staff role in force"


class ContactKind(TextChoices):
    """Which kind of address a contact is."""

    EMAIL = "email", "E-mail address"
    PHONE = "phone", "Telephone number"


class VerificationOutcome(TextChoices):
    """How the verification of a contact ended."""

    VERIFIED = "verified", "Verified"
    EXPIRED = "expired", "Code expired"
    EXHAUSTED = "exhausted", "Too many wrong codes"
    SUPERSEDED = "superseded", "Another code was asked for"
    LOCKED_OUT = "locked_out", "Locked out after failed attempts"
    WRONG_CODE = "wrong_code", "Wrong or expired code of the second factor"
    REPLAYED_CODE = "replayed_code", "Code of the second factor used before"
