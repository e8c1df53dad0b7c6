"""Values that columns of subject requests may hold; each is checked in the database too."""

from django.db.models import TextChoices


class RequestKind(TextChoices):
    """What a person asks for, by article of the GDPR."""

    ACCESS = "access", "Access (art. 15)"
    PORTABILITY = "portability", "Portability (art. 20)"
    RECTIFICATION = "rectification", "Rectification (art. 16)"
    ERASURE = "erasure", "Erasure (art. 17)"


class RequestChannel(TextChoices):
    """How a request reached the platform."""

    FORM = "form", "Form of the account, signed in"
    EMAIL = "email", "E-mail"
    POST = "post", "By post"
    SUPPORT = "support", "By way of support"
    AUTHORITY = "authority", "From a supervisory authority"


class Asker(TextChoices):
    """Who asks."""

    PERSON = "person", "The person"
    REPRESENTATIVE = "representative", "Somebody authorised by the person"
    GUARDIAN = "guardian", "A legal guardian"
    AUTHORITY = "authority", "An authority, for the person"


class IdentityMethod(TextChoices):
    """How the identity of who asks was confirmed (GDPR art. 12(6))."""

    SIGNED_IN = "signed_in", "Signed in, with the second factor where there is one"
    CONTACT_CODE = "contact_code", "Code sent to a confirmed address"
    DOCUMENT = "document", "Identity document, seen and not kept"
    AUTHORISATION = "authorisation", "Written authorisation, or proof of guardianship"
    FACTS = "facts", "Facts of the account that only the person knows"


class RequestStatus(TextChoices):
    """Where a request stands."""

    RECEIVED = "received", "Received"
    VERIFIED = "verified", "Identity confirmed"
    RUNNING = "running", "Being carried out"
    DONE = "done", "Done"
    PARTLY_REFUSED = "partly_refused", "Done in part"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


OPEN = (RequestStatus.RECEIVED, RequestStatus.VERIFIED, RequestStatus.RUNNING)
"""States in which an answer is owed."""

CONFIRMED = (
    RequestStatus.VERIFIED,
    RequestStatus.RUNNING,
    RequestStatus.DONE,
    RequestStatus.PARTLY_REFUSED,
)
"""States that nobody reaches whose identity was not confirmed."""

ANSWERED = (RequestStatus.DONE, RequestStatus.PARTLY_REFUSED, RequestStatus.REFUSED)

MOVES: dict[str, list[RequestStatus]] = {
    RequestStatus.RECEIVED: [RequestStatus.VERIFIED, RequestStatus.REFUSED, RequestStatus.WITHDRAWN],
    RequestStatus.VERIFIED: [RequestStatus.RUNNING, RequestStatus.REFUSED, RequestStatus.WITHDRAWN],
    RequestStatus.RUNNING: [
        RequestStatus.DONE,
        RequestStatus.PARTLY_REFUSED,
        # Only while nothing was done: a trigger asks the steps.
        RequestStatus.REFUSED,
        RequestStatus.WITHDRAWN,
    ],
}
"""From which state a request can move to which."""


class RefusalGround(TextChoices):
    """By which law nothing, or not all, of what was asked is done."""

    NOT_IDENTIFIED = "not_identified", "Identity not confirmed (GDPR art. 11(2) and 12(2))"
    UNFOUNDED = "unfounded", "Manifestly unfounded (GDPR art. 12(5)(b))"
    EXCESSIVE = "excessive", "Excessive, repeated (GDPR art. 12(5)(b))"
    OTHERS = "others", "Rights of others (GDPR art. 15(4) and 20(4))"
    ACCURATE = "accurate", "What is kept is accurate (GDPR art. 16)"
    EXPRESSION = "expression", "Freedom of expression and information (GDPR art. 17(3)(a))"
    OBLIGATION = "obligation", "Legal obligation (GDPR art. 17(3)(b))"
    CLAIMS = "claims", "Legal claims (GDPR art. 17(3)(e))"
    NOT_PROVIDED = "not_provided", "Not provided by the person (GDPR art. 20(1))"


class StepOutcome(TextChoices):
    """What was done with one category of data."""

    PROVIDED = "provided", "Provided"
    RECTIFIED = "rectified", "Rectified"
    DESTROYED = "destroyed", "Destroyed"
    KEPT = "kept", "Kept by law"
    REFUSED = "refused", "Refused"


class AttemptOutcome(TextChoices):
    """How the last attempt to carry a request out ended."""

    WAITING = "waiting", "Something stood against it"
    FAILED = "failed", "It failed, and nothing was left half-done"
    ADVANCED = "advanced", "It got on"
