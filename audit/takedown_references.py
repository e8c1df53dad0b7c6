"""What people call a notice."""

from datetime import datetime
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 without letters that look like digits (Crockford)."""


def reference_of(notice_id: UUID, received_at: datetime) -> str:
    """What people call a notice: `TD-2611-7K3MQ9XA`, year and month of receipt and eight signs of its id."""
    bits = notice_id.int & (1 << 40) - 1
    signs = "".join(ALPHABET[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"TD-{received_at:%y%m}-{signs}"
