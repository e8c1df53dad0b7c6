"""What people call a subject request."""

from datetime import datetime
from uuid import UUID

from audit.takedown_references import ALPHABET


def request_reference(request_id: UUID, received_at: datetime) -> str:
    """`SR-2611-7K3MQ9XA`: year and month of receipt and eight signs of its id."""
    bits = request_id.int & (1 << 40) - 1
    signs = "".join(ALPHABET[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"SR-{received_at:%y%m}-{signs}"
