"""Services that change rows and write no event, each with its reason. The one list of them."""

_REASONS: dict[str, tuple[str, ...]] = {}

UNTOLD = {service: reason for reason, services in _REASONS.items() for service in services}
"""The reason of each, by the full name of the service."""
