"""What can go wrong with partitions, in words that say what to do."""


class PartitionError(Exception):
    """A partition could not be made, found or taken away; the message says which and why."""
