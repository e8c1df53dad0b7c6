"""What the services of this app refuse."""

from core.errors import Refused


class HandleRefused(Refused):
    """The handle is malformed, reserved, taken, or looks like one that is."""

    code = "handle_refused"


class DisposableAddress(Refused):
    """The e-mail address belongs to a service that throws addresses away."""

    code = "disposable_address"


class AlreadyRestricted(Refused):
    """A restriction of this kind already covers the period."""

    code = "already_restricted"


class AlreadyEnded(Refused):
    """The restriction, grant, flag or session has ended before."""

    code = "already_ended"


class AlreadyGranted(Refused):
    """The person holds this role in the period."""

    code = "already_granted"


class EndInThePast(Refused):
    """A restriction or a grant cannot end before it begins."""

    code = "end_in_the_past"


class OwnAccount(Refused):
    """Nobody decides about their own account."""

    code = "own_account"


class BootstrapRefused(Refused):
    """The first administrator exists already."""

    code = "bootstrap_refused"


class NotLockedOut(Refused):
    """There is no failed attempt to forget."""

    code = "not_locked_out"


class CodeRefused(Refused):
    """A code of the second factor does not pass: wrong, expired, used before, or tried too soon."""

    code = "code_refused"


class SecondFactorRefused(Refused):
    """The second factor cannot be set up, removed or reset as things stand."""

    code = "second_factor_refused"
