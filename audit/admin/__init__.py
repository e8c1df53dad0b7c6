"""The rooms of oversight in the back office."""

from audit.admin import home, moderation, operations, people, seals, security, sensitive_reads, trail

__all__ = ["home", "moderation", "operations", "people", "seals", "security", "sensitive_reads", "trail"]
