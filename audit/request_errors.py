"""What the services of subject requests refuse."""

from core.errors import Refused


class RequestRefused(Refused):
    """The request cannot be taken in, carried out or answered like this."""

    code = "subject_request_refused"


class OwnRequest(Refused):
    """A member of staff would handle a request about themselves."""

    code = "own_subject_request"


class UnknownPerson(Refused):
    """There is no such person, or they were erased before."""

    code = "unknown_person"


class FourEyes(Refused):
    """Who confirmed the identity would carry out the erasure."""

    code = "subject_request_four_eyes"
