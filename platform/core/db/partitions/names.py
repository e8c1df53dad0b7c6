"""Names of partitions and of what hangs on them."""

from datetime import UTC, datetime

from core.db.partitions.calendar import Every, Period

LATEST = datetime(9999, 1, 1, tzinfo=UTC)


def partition_name(table: str, period: Period) -> str:
    """Return the name of the partition that holds `period`: `audit_event_p2026_11`."""
    return f"{table}_{period.suffix}"


def owner_policy_name(partition: str) -> str:
    """Return the name of the policy by which the owner sees the rows of a partition."""
    return f"{partition}_owner_all"


def partition_pattern(table: str) -> str:
    """Return the regular expression that the names of `table`'s partitions match."""
    return rf"^{table}_p[0-9]{{4}}_[0-9]{{2}}(_[0-9]{{2}})?$"


def longest_name(table: str, every: Every) -> str:
    """Return the longest name that a partition of `table` gives to anything."""
    return owner_policy_name(partition_name(table, Period(every, LATEST)))
