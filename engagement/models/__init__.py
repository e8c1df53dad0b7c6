"""Tables of what people do to one another."""

from engagement.models.block import Block
from engagement.models.follow import Follow

__all__ = [
    "Block",
    "Follow",
]
