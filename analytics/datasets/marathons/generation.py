"""Plays whose number at the first instant of every minute is the number that the source counted, times the scale.

A pure function of the curve, the scale, the seed and the people with accounts. It goes through the minutes once and
knows only who watches now and a bounded crowd of those who left. At each minute so many leave and come that the count
is met, and a hundredth more of both: nobody watches for a week.

A stretch of days is cut out of the whole: it is gone through from the beginning all the same, so that a day holds the
same plays whichever days are asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from uuid import UUID

from analytics.datasets.marathons.curves import Curve, Stretch, milliseconds, stretches
from analytics.datasets.marathons.people import SIGNED_IN, Crowd, Viewer, draws, referrer_of, viewer_of
from analytics.datasets.marathons.plays import Play
from analytics.playback_choices import DeviceClass
from core.models.identity import LAST_MILLISECOND

DAY = 86_400_000
MINUTE = 60_000
TURNOVER = Fraction(1, 100)
"""In every minute, this share of the viewers leaves and is replaced."""

COMES_BACK = 0.4
"""Of those who come, this share was there before."""

SECOND_DEVICE = 0.02
"""Of plays of a quarter of an hour or more, this share is watched on a second device for a while."""

LONG = 15 * MINUTE
CROWD = 4
"""Of those who left, so many times the greatest number of viewers may come back."""

LAST_SIGN = (1_000, 20_000)
FIRST_SIGN = (1_000, 9_000)
"""Milliseconds after the last counted minute, and before the next one, at which a silent player is heard of.

Two minutes without these are more than the 90 seconds over which a sign of life is believed.
"""


def whole(number: int, scale: Fraction) -> int:
    """So many viewers at this scale, half a viewer rounded up."""
    return int(number * scale + Fraction(1, 2))


@dataclass
class Audience:
    """Who watches now, while a curve is gone through. `watching` holds the key of each viewer and since when.

    Who leaves in a minute (`leaving`) comes back in a later one, never before they left.
    """

    curve: Curve
    scale: Fraction
    seed: int
    moved: timedelta
    people: Sequence[UUID]
    since: int
    until: int
    watching: list[tuple[int, int]] = field(default_factory=list)
    silences: list[tuple[int, int]] = field(default_factory=list)
    leaving: list[int] = field(default_factory=list)
    number: int = 0
    owed: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        most = max((minute.viewers or 0 for minute in self.curve.minutes), default=0)
        name = f"{self.seed}:{self.curve.event}:{self.scale}"
        self.chance = Random(name)  # noqa: S311 - an invented audience, no secret
        self.crowd = Crowd(len(self.people), most=max(1, CROWD * whole(most, self.scale)))

    def plays(self) -> Iterator[Play]:
        """Every play, each when it ends."""
        ends = 0
        for place, stretch in enumerate(stretches(self.curve)):
            since, ends = (milliseconds(instant + self.moved) for instant in (stretch.since, stretch.until))
            if since >= self.until:
                return
            if not place:
                self._come(whole(stretch.before, self.scale), since, since)
            yield from self._step(stretch, since, ends)
        # Nobody counted any further: everybody leaves.
        yield from self._leave(len(self.watching), ends)

    def _step(self, stretch: Stretch, since: int, until: int) -> Iterator[Play]:
        """From one counted minute to the next one."""
        after = whole(stretch.after, self.scale)
        now = len(self.watching)
        self.owed += TURNOVER * min(now, after)
        extra = int(self.owed)
        self.owed -= extra
        yield from self._leave(max(now - after, 0) + extra, since)
        midnight = until - until % DAY
        crosses = since < midnight
        if stretch.is_silent and crosses:
            yield from self._break(since, until, midnight)
        elif stretch.is_silent:
            self.silences.append((since, until))
        earliest = max(until - MINUTE + 1, midnight if stretch.is_silent else 0)
        self._come(after - len(self.watching), earliest, until)
        for key in self.leaving:
            self.crowd.leaves(key, self.chance.random())
        self.leaving.clear()
        if crosses and not stretch.is_silent:
            yield from self._midnight(midnight)

    def _come(self, number: int, earliest: int, latest: int) -> None:
        chance = self.chance.random
        for _ in range(number):
            key = self.crowd.comes(chance() < COMES_BACK, chance() * 1000 < SIGNED_IN, chance())
            self.watching.append((key, earliest + int(chance() * (latest - earliest + 1))))

    def _leave(self, number: int, minute: int) -> Iterator[Play]:
        """So many leave within the minute; newcomers sooner than those who have stayed for long."""
        chance, watching = self.chance.random, self.watching
        for _ in range(min(number, len(watching))):
            place = int(len(watching) * chance() ** 0.5)
            watching[place], watching[-1] = watching[-1], watching[place]
            key, start = watching.pop()
            self.leaving.append(key)
            yield from self._ended(key, start, minute + 1 + int(chance() * (MINUTE - 1)))

    def _midnight(self, midnight: int) -> Iterator[Play]:
        """A play is of one UTC day: each ends with the day, and its viewer begins another."""
        watching, self.watching = self.watching, []
        for key, start in watching:
            if start < midnight:
                yield from self._ended(key, start, midnight)
            self.watching.append((key, midnight))
        self.silences.clear()

    def _break(self, since: int, until: int, midnight: int) -> Iterator[Play]:
        """The day ends in a silence: plays end where they were last heard of, and others begin after it."""
        watching, self.watching = self.watching, []
        for key, start in watching:
            yield from self._ended(key, start, since + self._between(LAST_SIGN))
            self.watching.append((key, max(midnight, until - self._between(FIRST_SIGN))))
        self.silences.clear()

    def _between(self, bounds: tuple[int, int]) -> int:
        least, most = bounds
        return least + int(self.chance.random() * (most - least))

    def _ended(self, key: int, start: int, end: int) -> Iterator[Play]:
        """The play of a viewer, and that of their second device if they took one."""
        silences = tuple(
            (since + self._between(LAST_SIGN), until - self._between(FIRST_SIGN))
            for since, until in self.silences
            if start <= since and end > until - FIRST_SIGN[1]
        )
        unbroken = silences[0][0] if silences else end
        doubles = unbroken - start >= LONG and self.chance.random() < SECOND_DEVICE
        # Counted whether it is asked for or not: a play has the same number in every cut.
        number, self.number = self.number, self.number + 1 + doubles
        if not self.since <= start < self.until:
            return
        viewer = viewer_of(key, seed=self.seed, people=self.people)
        yield self._play(number, viewer, viewer.device_class, (start, end), silences)
        if doubles:
            part = (unbroken - start) // 4
            other = DeviceClass.DESKTOP if viewer.device_class == DeviceClass.MOBILE else DeviceClass.MOBILE
            yield self._play(number + 1, viewer, other, (start + part, unbroken - part), ())

    def _play(
        self,
        number: int,
        viewer: Viewer,
        device: DeviceClass,
        during: tuple[int, int],
        silences: tuple[tuple[int, int], ...],
    ) -> Play:
        return Play(
            event=self.curve.event,
            number=number,
            seed=self.seed,
            scale=str(self.scale),
            viewer=viewer,
            device_class=device,
            referrer_class=referrer_of(draws(self.seed, "referrer", self.curve.event, number)[0]),
            start=during[0],
            end=during[1],
            silences=silences,
        )


def plays_of(
    curve: Curve,
    *,
    scale: Fraction,
    seed: int,
    moved: timedelta = timedelta(),
    people: Sequence[UUID] = (),
    since: date | None = None,
    until: date | None = None,
) -> Iterator[Play]:
    """Every play of a marathon moved by `moved` (whole days), each when it ends; of the UTC days asked for.

    `since` is the first day and `until` the first that is no longer wanted, after the move. Raises ValueError for a
    scale that is not above nought and at most one, or a move that is not of whole days.
    """
    if not 0 < scale <= 1:
        raise ValueError("A scale lies above nought and is at most one.")
    if moved % timedelta(days=1):
        raise ValueError("A marathon is moved by whole days, since a play is of one day.")
    return Audience(
        curve,
        scale,
        seed,
        moved,
        people,
        since=_midnight_of(since) if since else 0,
        until=_midnight_of(until) if until else LAST_MILLISECOND,
    ).plays()


def _midnight_of(day: date) -> int:
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
