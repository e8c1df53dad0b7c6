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
    REPORT = "report", "Report content"
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
    LOCKED_OUT = "locked_out", "Locked out after failed attempts"
    WRONG_CODE = "wrong_code", "Wrong or expired code of the second factor"
    REPLAYED_CODE = "replayed_code", "Code of the second factor used before"


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


class DocumentKind(TextChoices):
    """What a legal document is. People accept the first ones; the last ones are what a consent was given to."""

    TERMS = "terms", "Terms of service"
    PRIVACY = "privacy", "Privacy policy"
    GUIDELINES = "guidelines", "Community guidelines"
    COOKIES = "cookies", "Cookie policy"
    PERFORMER_AGREEMENT = "performer_agreement", "Performer agreement"
    CONSENT_MARKETING_MAIL = "consent_marketing_mail", "Wording of consent: marketing mail"
    CONSENT_ANALYTICS = "consent_analytics", "Wording of consent: analytics"
    CONSENT_PERSONALISATION = "consent_personalisation", "Wording of consent: personalisation"
    CONSENT_SPECIAL_CATEGORY = "consent_special_category", "Wording of consent: special categories of data"
    CONSENT_COOKIES = "consent_cookies", "Wording of consent: cookies"


class DocumentStatus(TextChoices):
    """Where a version of a legal document stands."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class ConsentPurpose(TextChoices):
    """What a person may agree to, each on its own."""

    MARKETING_MAIL = "marketing_mail", "Marketing mail"
    ANALYTICS = "analytics", "Analytics"
    PERSONALISATION = "personalisation", "Personalisation"
    SPECIAL_CATEGORY = "special_category", "Special categories of data"
    COOKIES = "cookies", "Cookies that are not needed"


class Channel(TextChoices):
    """By which way a person accepted, consented or withdrew."""

    WEB = "web", "Web"
    APP = "app", "App"
    SUPPORT = "support", "Support"
    MAIL_LINK = "mail_link", "Link in a mail"
    IMPORT = "import", "Imported"


class AgeMethod(TextChoices):
    """How a provider found out a person's age."""

    DOCUMENT = "document", "Identity document"
    CREDIT_CARD = "credit_card", "Credit card"
    FACIAL_ESTIMATION = "facial_estimation", "Facial age estimation"
    MOBILE_OPERATOR = "mobile_operator", "Mobile operator"
    DIGITAL_IDENTITY_WALLET = "digital_identity_wallet", "Digital identity wallet"


class AgeOutcome(TextChoices):
    """What the provider said."""

    OF_AGE = "of_age", "Of age"
    UNDER_AGE = "under_age", "Under age"
    INCONCLUSIVE = "inconclusive", "Inconclusive"


class AgeBand(TextChoices):
    """How old, as coarsely as serves; no date of birth is kept."""

    UNDER_18 = "under_18", "Under 18"
    FROM_18 = "18_20", "18 to 20"
    FROM_21 = "21_24", "21 to 24"
    FROM_25 = "25_plus", "25 or older"


class AgeEnding(TextChoices):
    """Why an assurance of age is over."""

    REPLACED = "replaced", "Replaced by a newer one"
    REVOKED = "revoked", "Revoked"
    EXPIRED = "expired", "Expired"


class IdentityProvider(TextChoices):
    """Who signs people in on our behalf."""

    APPLE = "apple", "Apple"
    GOOGLE = "google", "Google"
    MICROSOFT = "microsoft", "Microsoft"
    EU_WALLET = "eu_wallet", "European digital identity wallet"


class MediaKind(TextChoices):
    """What a picture of a profile is for."""

    AVATAR = "avatar", "Avatar"
    COVER = "cover", "Cover"
    GALLERY = "gallery", "Gallery"


class MediaType(TextChoices):
    """Formats of pictures that are stored."""

    JPEG = "image/jpeg", "JPEG"
    PNG = "image/png", "PNG"
    WEBP = "image/webp", "WebP"
    AVIF = "image/avif", "AVIF"


class MediaStatus(TextChoices):
    """Where a picture stands; only approved ones are shown."""

    PENDING = "pending", "Waiting for a moderator"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    REPLACED = "replaced", "Replaced by a newer one"
    WITHDRAWN = "withdrawn", "Withdrawn by the person"
