"""What the services of notifications refuse."""

from core.errors import Refused


class EventRefused(Refused):
    """No event can be recorded like this: an unknown trigger, a missing or unknown variable, nobody concerned."""

    code = "event_refused"


class TemplateRefused(Refused):
    """The wording names what is not there, or holds more than text."""

    code = "template_refused"


class VariableMissing(Refused):
    """A wording names a variable for which there is no value."""

    code = "variable_missing"


class PreferenceRefused(Refused):
    """The wish is about what nobody can mute, or what does not exist."""

    code = "preference_refused"


class SubscriptionRefused(Refused):
    """The browser cannot be written to: an unknown push service, or keys that are none."""

    code = "subscription_refused"


class DeliveryRefused(Refused):
    """The delivery cannot be tried again."""

    code = "delivery_refused"


class SuppressionRefused(Refused):
    """The address cannot be suppressed, or freed."""

    code = "suppression_refused"
