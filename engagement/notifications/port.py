"""What every channel is: something that takes a message for one destination and says what became of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Result(StrEnum):
    """What a channel answers."""

    SENT = "sent"
    """Taken over; whether it arrives is not known yet."""
    DELIVERED = "delivered"
    """Arrived, as far as anybody can know."""
    BOUNCED = "bounced"
    """The destination does not exist, for good."""
    GONE = "gone"
    """The subscription is over."""
    RETRY = "retry"
    """Not now."""
    FAILED = "failed"
    """Not like this, and not later either."""


@dataclass(frozen=True)
class Destination:
    """Where a message goes; its representation shows nothing of it."""

    address: str = field(repr=False)
    public_key: str = field(default="", repr=False)
    auth_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Message:
    """One message for one destination. `reference` is the same for every attempt: by it a repetition is known."""

    delivery_id: UUID
    destination: Destination
    subject: str = field(repr=False)
    body: str = field(repr=False)
    link: str = ""
    reference: str = ""
    group_key: str = ""
    may_unsubscribe: bool = True
    unsubscribe_link: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a message. `words` are ours and name no address; `retry_after` is the receiver's wish."""

    result: Result
    words: str = ""
    provider_id: str = ""
    retry_after: timedelta | None = None


class Channel(Protocol):
    """Carries messages out of the platform. Called outside of any transaction; may be called twice for one message."""

    def send(self, message: Message) -> Outcome:
        """Send, and never raise for what a network or a receiver does."""
