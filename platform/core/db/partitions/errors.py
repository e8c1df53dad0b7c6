"""What can go wrong with partitions, in words that say what to do."""


class PartitionError(Exception):
    """A partition could not be made, found or taken away; the message says which and why."""


class NotAPartition(PartitionError):
    """The table has no partition of this name, or has it no longer: another process may have taken it away."""
