"""What ties tell the rest of the platform, in the transaction in which they change.

Plain signals and no `Announcement`: who follows, blocks or mutes whom is nobody's business, the trail's neither
(docs/decisions/0046).
"""

from django.dispatch import Signal

follow_begun = Signal()
"""Sent after a person began to follow a performer: `follow`, `actor`. Imports send nothing."""

follow_ended = Signal()
"""Sent after a follow ended by its person: `follow`, `actor`. One that a block ended is told by `block_placed`."""

block_placed = Signal()
"""Sent after a person blocked another: `block`, `actor`. Follows between them have ended by then."""

block_lifted = Signal()
"""Sent after a block was taken back: `block`, `actor`."""
