"""Names of partitions and of what hangs on them; only strings, so that the database engine may import it."""


def partition_name(table: str, suffix: str) -> str:
    """Return the name of a partition: `audit_event_p2026_11`."""
    return f"{table}_{suffix}"


def owner_policy_name(partition: str) -> str:
    """Return the name of the policy by which the owner sees the rows of a partition."""
    return f"{partition}_owner_all"


def partition_pattern(table: str) -> str:
    """Return the regular expression that the names of `table`'s partitions match."""
    return rf"^{table}_p[0-9]{{4}}_[0-9]{{2}}(_[0-9]{{2}})?$"


def partition_mark(table: str) -> str:
    """Return the words in a partition's comment that tell whose partition it is."""
    return f"Partition of {table}:"
