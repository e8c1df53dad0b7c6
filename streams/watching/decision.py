"""May this viewer watch this stream or archive now, and if not, why not?

Reasons are told in this order, the first that holds: (10) it is not there, (20) it is not on air or not published,
(30) the performer is not public, (40) the account may not watch, (50) the performer blocked the region, (55) a rule of
access about countries, (60) age, (70) the viewer's own preference, (80) a rule of access about who may watch; from 90
on what other apps registered. The performer herself is stopped by 10, 20 and 40 alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.choices import UserStatus
from performers.choices import PerformerStatus
from streams.choices import AccessKind
from streams.errors import WatchRefused
from streams.regions import country_check
from streams.watching.facts import WatchFacts, read_facts
from streams.watching.grounds import Ground, ask, registered_grounds

WATCHING_STATUSES = (UserStatus.PENDING, UserStatus.ACTIVE, UserStatus.RESTRICTED)
"""Accounts that may watch. A restricted one may not chat, or not stream; whoever may not sign in is nobody's viewer."""

PUBLIC_STATUSES = (PerformerStatus.VERIFIED, PerformerStatus.PAUSED)


@dataclass(frozen=True)
class Answer:
    """What one ground says. `refuses` is None where it was not asked, since it does not concern the viewer."""

    code: str
    order: int
    words: str
    refuses: bool | None


@dataclass(frozen=True)
class WatchDecision:
    """Yes, or the first reason why not, in words for the viewer.

    `blurred_labels` are the labels that the viewer asked to blur; they refuse nothing. `answers` are all grounds in
    order, for whoever explains a decision.
    """

    allowed: bool
    reason: str
    words: str
    blurred_labels: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Reason:
    """A reason of this app. `of_own`: it stops the performer herself too."""

    code: str
    order: int
    words: Callable[[WatchFacts], str]
    refuses: Callable[[WatchFacts], bool]
    of_own: bool = False


NOT_THERE = "There is no such stream or recording."


def _age_words(facts: WatchFacts) -> str:
    if facts.viewer_id is None:
        return (
            f"This is for people of {facts.minimum_age} years and older. Sign in and have your age checked."
        )
    return f"This is for people of {facts.minimum_age} years and older. Have your age checked."


REASONS = (
    Reason("not_there", 10, lambda _: NOT_THERE, lambda facts: not facts.exists_for_viewer, of_own=True),
    Reason(
        "not_shown",
        20,
        lambda facts: (
            "This stream is not on air." if facts.archive_id is None else "This recording is not published."
        ),
        lambda facts: not facts.is_shown,
        of_own=True,
    ),
    Reason(
        "performer_not_public",
        30,
        lambda _: "This performer is not here at the moment.",
        lambda facts: facts.performer_status not in PUBLIC_STATUSES,
    ),
    Reason(
        "account",
        40,
        lambda _: "Your account may not watch. Ask our support for the reason.",
        lambda facts: (
            facts.viewer_id is not None
            and (facts.viewer_status not in WATCHING_STATUSES or facts.viewer_is_barred)
        ),
        of_own=True,
    ),
    Reason(
        "region_blocked",
        50,
        lambda _: "This performer is not shown where you are.",
        lambda facts: facts.is_blocked_here,
    ),
    Reason(
        "country_rule",
        55,
        lambda _: "This cannot be watched where you are.",
        lambda facts: facts.country_is_refused,
    ),
    Reason("age", 60, _age_words, lambda facts: facts.minimum_age > facts.viewer_age),
    Reason(
        "hidden_by_preference",
        70,
        lambda facts: f"You asked not to be shown this: {', '.join(facts.hidden_labels)}.",
        lambda facts: bool(facts.hidden_labels),
    ),
)

AUDIENCE_ORDER = 80
AUDIENCE_WORDS = {
    AccessKind.FOLLOWERS: "followers of this performer",
    AccessKind.SUBSCRIBERS: "subscribers of this performer",
    AccessKind.TICKET: "people with a ticket",
    AccessKind.PRIVATE_LIST: "people whom the performer invited",
}


def _audience(facts: WatchFacts, grounds: Sequence[Ground], met: dict[str, bool]) -> Answer:
    """Whether any of the rules about who may watch lets the viewer in."""
    kinds = [AccessKind(kind) for kind in facts.audiences if kind != AccessKind.PUBLIC]
    if not kinds:
        return Answer("access_rule", AUDIENCE_ORDER, "Open to everybody.", refuses=False)
    lets_in = {ground.audience for ground in grounds if ground.audience is not None and met[ground.code]}
    if facts.is_granted:
        lets_in.add(AccessKind.PRIVATE_LIST)
    # The first in the order of choices, so that the same rules always give the same reason.
    kinds.sort(key=list(AUDIENCE_WORDS).index)
    words = " or ".join(AUDIENCE_WORDS[kind] for kind in kinds)
    return Answer(
        f"{kinds[0].value}_only",
        AUDIENCE_ORDER,
        f"This is for {words}.",
        refuses=not lets_in.intersection(kinds),
    )


def _answers(facts: WatchFacts, grounds: Sequence[Ground], met: dict[str, bool]) -> list[Answer]:
    found = [
        Answer(
            reason.code,
            reason.order,
            reason.words(facts),
            refuses=None if facts.is_own and not reason.of_own else reason.refuses(facts),
        )
        for reason in REASONS
    ]
    audience = _audience(facts, grounds, met)
    if facts.is_own:
        audience = Answer(audience.code, audience.order, audience.words, refuses=None)
    refusing = [
        Answer(ground.code, ground.order, ground.words, refuses=None if facts.is_own else met[ground.code])
        for ground in grounds
        if ground.refuses is not None
    ]
    return [*found, audience, *refusing]


def watch_decision(
    *,
    viewer_id: UUID | None,
    stream_id: UUID | None = None,
    archive_id: UUID | None = None,
    country: str | None = None,
    subdivision: str | None = None,
    at: datetime | None = None,
) -> WatchDecision:
    """May this person (None: somebody who is not signed in) watch it? Two queries, however many grounds there are.

    `country` (ISO 3166-1) and `subdivision` (ISO 3166-2) say where the viewer is; None: unknown, which is refused
    wherever a region is. `at` (UTC, default: now by the database's clock) is the instant at which grants and
    assurances of age are looked at. Raises WatchRefused for a code that does not exist, or unless exactly one of a
    stream and an archive is named. On the public site one asks about oneself only: PostgreSQL refuses another viewer.
    """
    if (stream_id is None) == (archive_id is None):
        raise WatchRefused("Name a stream or an archive, and only one of them.")
    country_check(country, subdivision)
    facts = read_facts(
        stream_id=stream_id,
        archive_id=archive_id,
        viewer_id=viewer_id,
        country=country,
        subdivision=subdivision,
        at=at,
    )
    if facts is None:
        answer = Answer("not_there", 10, NOT_THERE, refuses=True)
        return WatchDecision(False, answer.code, answer.words, answers=(answer,))
    grounds = registered_grounds()
    met = {} if facts.is_own else ask(grounds, facts, country, subdivision)
    answers = _answers(facts, [] if facts.is_own else grounds, met)
    blurred = tuple(facts.blurred_labels)
    for answer in answers:
        if answer.refuses:
            return WatchDecision(False, answer.code, answer.words, blurred, tuple(answers))
    return WatchDecision(True, "", "", blurred, tuple(answers))
