"""What the services of this app refuse."""

from core.errors import Refused


class CallRefused(Refused):
    """A call to a provider that cannot be made as it was asked for."""

    code = "call_refused"


class EventRefused(Refused):
    """A message of a provider that cannot be taken or processed as it was asked for."""

    code = "event_refused"


class ExceptionRefused(Refused):
    """An exception of reconciliation that cannot be raised, taken or resolved so."""

    code = "exception_refused"


class PaymentUnknown(Refused):
    """A provider reports something about a payment that we do not have."""

    code = "payment_unknown"


class ProviderAccountRefused(Refused):
    """An account at a provider that cannot be kept so."""

    code = "provider_account_refused"
