"""The rooms of what moderation goes by: policies, queues, rules, the ladder of strikes."""

from audit.admin.reference import ladder, policies, queues, rules, versions

__all__ = ["ladder", "policies", "queues", "rules", "versions"]
