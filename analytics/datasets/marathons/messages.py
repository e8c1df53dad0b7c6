"""What chat said: as many messages a minute as the source counted, times the scale. The words are invented."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from uuid import UUID

from analytics.datasets.marathons.curves import Curve
from core.models.identity import uuid7_derived
from streams.datasets.marathon_streams import SET

SAYINGS = (
    "hype", "what a run", "good luck", "that jump", "world record pace", "frame perfect", "so clean", "gg",
    "save the animals", "kill the animals", "first try", "how did that work", "best game of the week", "nice trick",
    "hello from the couch", "one more donation", "that was close", "they made it", "skip", "let us go", "heart",
    "never seen this glitch", "and again", "time save", "whole screen of colours", "welcome back", "reset", "wow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who, when, what. The id follows from the run, the minute and its place in it."""

    id: UUID
    at: datetime
    sender: UUID
    text: str


def messages_of(
    curve: Curve,
    *,
    scale: Fraction,
    seed: int,
    people: Sequence[UUID],
    moved: timedelta = timedelta(),
    since: date | None = None,
    until: date | None = None,
) -> Iterator[Message]:
    """The messages of a marathon in order, of the UTC days asked for; nothing without people.

    What is rounded in one minute is carried to the next, so that any stretch is right to one message. A few people say
    most, as everywhere.
    """
    if not people:
        return
    chance = Random(f"{seed}:{curve.event}:chat")  # noqa: S311 - invented words, no secret
    said = written = 0
    for minute in curve.minutes:
        said += minute.messages
        count = int(said * scale + Fraction(1, 2)) - written
        written += count
        day = (minute.at + moved).date()
        asked = (since is None or since <= day) and (until is None or day < until)
        # Gone through all the same, so that a day has the same messages whichever days are asked for.
        for place in range(count):
            at = minute.at + moved + timedelta(milliseconds=60_000 * place // count)
            sender = people[int(len(people) * chance.random() ** 3)]
            text = SAYINGS[int(chance.random() * len(SAYINGS))]
            if not asked:
                continue
            yield Message(
                uuid7_derived(
                    at, SET, "message", curve.event, str(seed), f"{minute.at:%Y-%m-%dT%H:%M}", str(place)
                ),
                at,
                sender,
                text,
            )
