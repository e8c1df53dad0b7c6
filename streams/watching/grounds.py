"""The registry: later apps add grounds on which watching is refused, or by which a rule of access is met.

    register_ground(Ground(
        code="blocked", order=90, words="You cannot watch this performer.",
        refuses=Exists(Block.objects.filter(performer=OuterRef("performer_id"), person=OuterRef("viewer_id"))),
    ))

Called in `ready()` of the app. An expression names what is decided about by `OuterRef`: `viewer_id` (null: not signed
in), `performer_id`, `stream_id`, `archive_id` (null: a stream), `country`, `subdivision` (null: unknown) and `at`. It
is asked in the acting role: whoever asks needs the right to read what it reads, or a definer function.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    DateTimeField,
    Field,
    TextField,
    UUIDField,
    Value,
)
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Cast, Coalesce

from core.db import asking
from streams.choices import AccessKind
from streams.watching.facts import WatchFacts

REGISTRABLE = (AccessKind.FOLLOWERS, AccessKind.SUBSCRIBERS, AccessKind.TICKET)
"""Rules that somebody above can meet; the others are decided here."""

FIRST_FREE_ORDER = 90
"""Orders below belong to the reasons of this app (`streams.watching.decision`)."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One question to the database about a viewer.

    `refuses`: when true, the answer is no with this `code` and these `words`. `permits`: when true, the viewer meets
    the access rule `audience`. Exactly one of the two. Lower orders are told first; the performer herself is not asked.
    """

    code: str
    order: int
    words: str
    refuses: BaseExpression | None = None
    permits: BaseExpression | None = None
    audience: AccessKind | None = None

    def __post_init__(self) -> None:
        if (self.refuses is None) == (self.permits is None):
            raise ValueError(f"The ground {self.code} either refuses or permits.")
        if (self.permits is not None) != (self.audience is not None) or (
            self.audience is not None and self.audience not in REGISTRABLE
        ):
            raise ValueError(
                f"The ground {self.code} permits by meeting one of {', '.join(REGISTRABLE)}, or it refuses."
            )
        if self.order < FIRST_FREE_ORDER:
            raise ValueError(
                f"The ground {self.code} comes after those of streams: order {FIRST_FREE_ORDER} or more."
            )
        if not self.words.strip():
            raise ValueError(f"The ground {self.code} says nothing to people.")

    @property
    def expression(self) -> BaseExpression:
        """The question itself."""
        found = self.refuses if self.refuses is not None else self.permits
        if found is None:
            raise ValueError(f"The ground {self.code} asks nothing.")
        return found


_grounds: dict[str, Ground] = {}


def register_ground(ground: Ground) -> Ground:
    """Add a ground. Raises ValueError for a code or an order that is taken."""
    if any(known.code == ground.code or known.order == ground.order for known in _grounds.values()):
        raise ValueError(
            f"A ground with the code {ground.code} or the order {ground.order} is registered already."
        )
    _grounds[ground.code] = ground
    return ground


def registered_grounds() -> Sequence[Ground]:
    """Every registered ground, in order."""
    return sorted(_grounds.values(), key=lambda ground: ground.order)


def _value(value: Any, field: Field) -> Cast:
    """A value with its type, null included: PostgreSQL cannot guess what a bare null is compared with."""
    return Cast(Value(value, output_field=field), field)


def ask(
    grounds: Sequence[Ground], facts: WatchFacts, country: str | None, subdivision: str | None
) -> dict[str, bool]:
    """The answer to each ground, by code: one query for all of them, none where there are none."""
    if not grounds:
        return {}
    known = {
        "viewer_id": _value(facts.viewer_id, UUIDField()),
        "performer_id": _value(facts.performer_id, UUIDField()),
        "stream_id": _value(facts.stream_id, UUIDField()),
        "archive_id": _value(facts.archive_id, UUIDField()),
        "country": _value(country, TextField()),
        "subdivision": _value(subdivision, TextField()),
        "at": _value(facts.at, DateTimeField()),
    }
    questions = [Coalesce(ground.expression, Value(False), output_field=BooleanField()) for ground in grounds]
    answers = asking.ask(questions, known)
    return {ground.code: bool(answer) for ground, answer in zip(grounds, answers, strict=True)}
