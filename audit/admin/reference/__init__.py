"""The rooms of what moderation goes by: policies, queues, rules, the ladder of strikes."""

from audit.admin.reference import ladder

__all__ = ["ladder"]
