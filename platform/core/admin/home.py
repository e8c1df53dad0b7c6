"""The home page: what waits for a role, and what one did last. Apps register; this page only shows."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin.sections import Section
from core.db.asking import CountUpTo, ask
from core.db.roles import Role

MOST = 100
"""Cards count at most this far; beyond, they say "99+"."""


@dataclass(frozen=True)
class HomeCard:
    """One queue that waits for some roles.

    `count(limit)` returns how many wait, and need not count beyond `limit`, or the question how many do (`CountUpTo`):
    the questions of all cards are asked at once. `url` is an address, or a function that returns one. `words` say what
    to do there.
    """

    section: Section
    title: str
    roles: Collection[Role]
    count: Callable[[int], int | CountUpTo]
    url: str | Callable[[], str]
    words: str = ""


@dataclass(frozen=True)
class CountedCard:
    """A card with its count, as shown."""

    card: HomeCard
    number: int

    @property
    def shown(self) -> str:
        """The count in words of at most three characters."""
        return str(self.number) if self.number < MOST else f"{MOST - 1}+"

    @property
    def url(self) -> str:
        """Where the queue is."""
        return self.card.url() if callable(self.card.url) else self.card.url


@dataclass(frozen=True)
class RecentAct:
    """Something the person did: when, in words, and where it can be seen."""

    at: datetime
    words: str
    subject: str = ""
    url: str = ""


@dataclass(frozen=True)
class HomeFigure:
    """One number with its name, and in `change` how it differs from before."""

    words: str
    shown: str
    change: str = ""


@dataclass(frozen=True)
class HomeFigures:
    """A row of numbers on the home pages of some roles, with a link to where there is more of them.

    `read()` makes few questions: whoever signs in waits for the answers.
    """

    title: str
    words: str
    roles: Collection[Role]
    read: Callable[[], Iterable[HomeFigure]]
    link: str
    url: Callable[[], str]


_cards: list[HomeCard] = []
_figures: list[HomeFigures] = []
_recent: list[Callable[[Any, int], Iterable[RecentAct]]] = []


def register_card(card: HomeCard) -> HomeCard:
    """Add a queue to the home pages of its roles. Call it once, when the app's admin is imported."""
    if any(known.title == card.title and known.section == card.section for known in _cards):
        raise ValueError(f"A home card {card.title!r} is registered in {card.section.label} already.")
    _cards.append(card)
    return card


def register_recent(provider: Callable[[Any, int], Iterable[RecentAct]]) -> None:
    """Let `provider(user, limit)` tell what a person did last, newest first."""
    _recent.append(provider)


def register_figures(figures: HomeFigures) -> None:
    """Add a row of numbers to the home pages of its roles. Call it once, when the app's admin is imported."""
    _figures.append(figures)


def figures_for(request: HttpRequest) -> list[tuple[HomeFigures, str, list[HomeFigure]]]:
    """The rows of numbers of the acting role: each with the address of its link and its numbers."""
    role = request.acting_role  # type: ignore[attr-defined]
    return [(row, row.url(), list(row.read())) for row in _figures if role in row.roles]


def up_to(queryset: QuerySet, limit: int) -> int:
    """Count the rows of a queryset, but never more than `limit`: the database stops there."""
    return queryset.order_by()[:limit].count()


def cards_for(request: HttpRequest) -> list[CountedCard]:
    """The cards of the acting role, by section; what waits comes before what is empty."""
    role = request.acting_role  # type: ignore[attr-defined]
    cards = [card for card in _cards if role in card.roles]
    counts = [card.count(MOST) for card in cards]
    answers = iter(ask([count for count in counts if isinstance(count, CountUpTo)]))
    counted = [
        CountedCard(card, next(answers) if isinstance(count, CountUpTo) else count)
        for card, count in zip(cards, counts, strict=True)
    ]
    return sorted(counted, key=lambda item: (item.number == 0, item.card.section.rank, item.card.title))


def recent_of(request: HttpRequest, limit: int = 10) -> list[RecentAct]:
    """What the person did last, newest first."""
    acts = [act for provider in _recent for act in provider(request.user, limit)]
    return sorted(acts, key=lambda act: act.at, reverse=True)[:limit]
