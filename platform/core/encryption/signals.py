"""What the kernel tells when keys are used for reading. Nothing here knows who listens."""

from django.dispatch import Signal

keys_used = Signal()
"""Sent in the transaction of the work before keys that read come into force: `purpose` (Purpose), `actor` (user, or
None for the system) and `reason`. A receiver that fails stops the work. Without any receiver nothing is revealed."""
