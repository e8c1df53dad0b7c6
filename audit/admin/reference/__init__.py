"""The rooms of what moderation goes by: policies, queues, rules, the ladder of strikes."""
