"""The chain: every seal follows the one before, its row gives its head, and a known key signed that."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from audit.models import Seal
from audit.seals.head import Head
from audit.seals.report import Fault, Report
from audit.seals.signing import PublicKeys, is_genuine

PAGE = 1_000
MOST_DOUBTFUL = 64
"""So many seals whose rows do not give their heads are compared with one another."""


@dataclass
class Link:
    """A seal as it stands in the chain. Whatever is wrong with its row makes it `broken`."""

    seal: Seal
    before: Seal | None
    follows: bool
    broken: bool = False

    @property
    def opens(self) -> bool:
        """Whether it covers what was visible when an epoch began, rather than what lies below its horizon."""
        before = self.before
        return before is None or before.epoch < self.seal.epoch or before.horizon == self.seal.horizon


@dataclass
class Gap:
    """Seals that are missing, and the transactions that they covered."""

    first: int
    last: int
    start: int
    end: int
    events: int = 0


@dataclass
class Chain:
    """Walks the seals in order of their numbers, and notes what is wrong with them."""

    keys: PublicKeys
    report: Report
    kept: Head | None = None
    latest: Seal | None = None
    gaps: list[Gap] = field(default_factory=list)
    _doubtful: list[Link] = field(default_factory=list)
    _unknown_keys: set[int] = field(default_factory=set)
    _kept_found: bool = False

    def links(self) -> Iterator[Link]:
        """Yield every seal with the one before it; findings about the chain are complete when it ends."""
        for seal in seals():
            before = self.latest
            expected = before.number + 1 if before else 1
            link = Link(seal, before, follows=seal.number == expected)
            if not link.follows:
                self._note_gap(expected, link)
            self._check(link)
            self.report.counts["seals"] += 1
            self.latest = seal
            yield link
        self._explain_doubtful()
        self._check_kept()

    def _note_gap(self, expected: int, link: Link) -> None:
        seal, last = link.seal, link.seal.number - 1
        words = (
            f"seal {expected} is missing" if expected == last else f"seals {expected} to {last} are missing"
        )
        self.report.add(Fault.SEAL_MISSING, f"{words}: seal {seal.number} comes next", seal=expected)
        start = link.before.horizon if link.before and link.before.epoch == seal.epoch else 0
        self.gaps.append(Gap(expected, last, start, seal.horizon))

    def _check(self, link: Link) -> None:
        seal, before = link.seal, link.before
        head = bytes(seal.head)
        if self.kept and seal.number == self.kept.number and head == self.kept.head:
            self._kept_found = True
        gives_head = not link.follows or seal.computed_head(bytes(before.head) if before else None) == head
        signed = self._is_signed(seal.key_number, head, bytes(seal.signature), seal.number)
        if not gives_head:
            link.broken = True
            self._doubtful.append(link)
        elif link.follows and seal.previous_id != (before.pk if before else None):
            link.broken = True
            self.report.add(
                Fault.SEAL_CHANGED,
                f"seal {seal.number} points at another seal than {seal.number - 1} as the one before it",
                seal=seal.number,
            )
        if signed is False:
            link.broken = True
            self.report.add(
                Fault.SEAL_FORGED,
                f"the signature of seal {seal.number} was not made by key {seal.key_number}",
                seal=seal.number,
            )

    def _is_signed(self, key_number: int, head: bytes, signature: bytes, seal: int | None) -> bool | None:
        """Whether the key signed; None, and noted once, when the key is not known."""
        key = self.keys.find(key_number)
        if key is not None:
            return is_genuine(key, head, signature)
        if key_number not in self._unknown_keys:
            self._unknown_keys.add(key_number)
            self.report.add(
                Fault.KEY_UNKNOWN,
                f"nothing here knows key {key_number}, which seal {seal} names first: give its public half by "
                f"--public-key {key_number}=FILE or in KEYS_DIRECTORY",
                seal=seal,
            )
        return None

    def _explain_doubtful(self) -> None:
        """Say of each seal whose row does not give its head whether it stands in a wrong place, or was changed."""
        heads: set[bytes | None] = {None}
        numbers: set[int] = set()
        for link in self._doubtful[:MOST_DOUBTFUL]:
            heads |= {bytes(link.seal.head)} | ({bytes(link.before.head)} if link.before else set())
            numbers |= {link.seal.number} | ({link.before.number} if link.before else set())
        for place, link in enumerate(self._doubtful):
            seal, number = link.seal, link.seal.number
            origin = _number_of(seal, numbers - {number}, heads) if place < MOST_DOUBTFUL else None
            if origin is not None:
                self.report.add(
                    Fault.SEAL_REORDERED, f"seal {number} was sealed as number {origin}", seal=number
                )
            else:
                self.report.add(
                    Fault.SEAL_CHANGED,
                    f"the row of seal {number} does not give its head: it was changed, or follows another seal",
                    seal=number,
                )

    def _check_kept(self) -> None:
        if self.kept is None:
            return
        kept = self.kept
        if self._is_signed(kept.key_number, kept.head, kept.signature, kept.number) is False:
            self.report.add(
                Fault.HEAD_FORGED, f"the head given for seal {kept.number} is not signed by its key"
            )
        elif not self._kept_found:
            self.report.add(
                Fault.HEAD_MISSING,
                f"the head given for seal {kept.number} is not in the chain, which ends with seal "
                f"{self.latest.number if self.latest else 0}: it was cut off or replaced",
                seal=kept.number,
            )


def seals() -> Iterator[Seal]:
    """Every seal by number, a page at a time."""
    number = 0
    while page := list(Seal.objects.filter(number__gt=number).order_by("number")[:PAGE]):
        yield from page
        number = page[-1].number


def _number_of(seal: Seal, numbers: set[int], heads: set[bytes | None]) -> int | None:
    """The number with which the rest of the row gives the head, after one of `heads`."""
    here = seal.number
    try:
        for number in numbers:
            seal.number = number
            if any(seal.computed_head(head) == bytes(seal.head) for head in heads):
                return number
    finally:
        seal.number = here
    return None
