"""The rooms of oversight in the back office."""

from audit.admin import home, operations, people, seals, security, trail

__all__ = ["home", "operations", "people", "seals", "security", "trail"]
