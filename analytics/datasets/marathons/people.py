"""Who watches: an audience that is invented from shares stated here, always the same for the same seed.

The source knows how many watched and nothing about them. The shares are ours, of the order that public reports give for
live streams of games in English; nothing is concluded from them.
"""

from bisect import bisect
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from typing import Generic, TypeVar
from uuid import UUID

from analytics.playback_choices import AgeBand, DeviceClass, ReferrerClass

T = TypeVar("T")

COUNTRIES = {
    "US": 420, "GB": 80, "CA": 75, "DE": 70, "FR": 55, "AU": 45, "BR": 40, "SE": 35, "NL": 35, "JP": 25,
    "MX": 25, "ES": 20, "IT": 20, "PL": 20, "FI": 15, "NO": 10, "DK": 10,
}  # fmt: skip
"""Of 1,000 viewers, so many watch from each country (ISO 3166-1 alpha-2)."""

LANGUAGES = {
    "DE": "de", "FR": "fr", "BR": "pt", "SE": "sv", "NL": "nl", "JP": "ja", "MX": "es", "ES": "es", "IT": "it",
    "PL": "pl", "FI": "fi", "NO": "nb", "DK": "da",
}  # fmt: skip
"""What is spoken there; everywhere else English."""

SPEAKS_ENGLISH = 400
"""Of 1,000 viewers of those countries, so many have their player in English."""

DEVICES = {
    DeviceClass.DESKTOP: 600,
    DeviceClass.MOBILE: 260,
    DeviceClass.TELEVISION: 90,
    DeviceClass.TABLET: 50,
}
REFERRERS = {
    ReferrerClass.DIRECT: 360,
    ReferrerClass.INTERNAL: 250,
    ReferrerClass.SOCIAL: 150,
    ReferrerClass.SEARCH: 110,
    ReferrerClass.OTHER: 60,
    ReferrerClass.NOTIFICATION: 50,
    ReferrerClass.RAID: 20,
}
AGES = {
    AgeBand.FROM_18: 340,
    AgeBand.FROM_25: 430,
    AgeBand.FROM_35: 170,
    AgeBand.FROM_45: 45,
    AgeBand.FROM_55: 12,
    AgeBand.FROM_65: 3,
}
"""Of 1,000 who are signed in; nothing is known of the others."""

SIGNED_IN = 300
"""Of 1,000 viewers, so many are signed in, as long as there are people with accounts."""


@dataclass(frozen=True)
class Viewer:
    """Somebody who watches: a person with an account or a device of a guest, and what their player says of them."""

    person: UUID | None
    device: UUID
    country: str
    language: str
    device_class: DeviceClass
    age_band: AgeBand | None


class Choice(Generic[T]):
    """Takes a name by its share: the same draw is always the same name."""

    def __init__(self, shares: Mapping[T, int]) -> None:
        """Remember the shares, of 1,000 altogether. Raises ValueError if they are not."""
        self._names = list(shares)
        self._bounds = list(accumulate(shares.values()))
        if self._bounds[-1] != 1000:
            raise ValueError(f"The shares come to {self._bounds[-1]} of 1,000.")

    def of(self, draw: int) -> T:
        """The name for a draw, any whole number."""
        return self._names[bisect(self._bounds, draw % 1000)]


_COUNTRY, _DEVICE, _REFERRER, _AGE = Choice(COUNTRIES), Choice(DEVICES), Choice(REFERRERS), Choice(AGES)


def draws(*name: object) -> tuple[int, ...]:
    """Eight whole numbers below 2**32 that always follow from the same name."""
    digest = blake2b(":".join(map(str, name)).encode(), digest_size=32).digest()
    return tuple(int.from_bytes(digest[at : at + 4], "big") for at in range(0, 32, 4))


def viewer_of(key: int, *, seed: int, people: Sequence[UUID]) -> Viewer:
    """The viewer of a key: the person of that place below nought (-1 is the first), a guest from nought on."""
    country, language, device, age, *bits = draws(seed, "viewer", key)
    place = _COUNTRY.of(country)
    spoken = LANGUAGES.get(place, "en")
    return Viewer(
        person=people[-key - 1] if key < 0 else None,
        device=UUID(int=sum(part << (32 * at) for at, part in enumerate(bits)), version=4),
        country=place,
        language="en" if language % 1000 < SPEAKS_ENGLISH else spoken,
        device_class=_DEVICE.of(device),
        age_band=_AGE.of(age) if key < 0 else None,
    )


def referrer_of(draw: int) -> ReferrerClass:
    """Where a viewer came from, by the shares."""
    return _REFERRER.of(draw)


class Crowd:
    """Who is at home: people with accounts who never came, and those who left and may come back.

    Holds no more than `most` of those who left, so that memory follows the number of viewers at a time and not the
    length of the marathon. Who is pushed out is forgotten; a person with an account may come anew.
    """

    def __init__(self, people: int, *, most: int) -> None:
        """Begin with so many people with accounts, and nobody who left."""
        self._free = deque(range(-people, 0))
        self._left: list[int] = []
        self._most = most
        self._guests = 0

    def leaves(self, key: int, draw: float) -> None:
        """Somebody left; the draw (from nought to one) says whom they push out."""
        if len(self._left) < self._most:
            self._left.append(key)
            return
        place = int(draw * self._most)
        forgotten, self._left[place] = self._left[place], key
        if forgotten < 0:
            self._free.append(forgotten)

    def comes(self, again: bool, signed_in: bool, draw: float) -> int:
        """The key of somebody who comes: one who left before, a person with an account, or a new guest."""
        if again and self._left:
            place = int(draw * len(self._left))
            self._left[place], self._left[-1] = self._left[-1], self._left[place]
            return self._left.pop()
        if signed_in and self._free:
            return self._free.popleft()
        self._guests += 1
        return self._guests - 1
