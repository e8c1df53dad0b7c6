"""Which digests were sealed, when leaves and events do not agree: the root decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from uuid import UUID

from audit.seals.merkle import MerkleTree

MOST_HASHES = 5_000_000
"""So many hashes are spent on one damaged seal, some seconds."""


@dataclass(frozen=True, slots=True)
class Member:
    """What there is of one event of a seal: its leaf (None: missing), and the digest of the event (None: deleted).

    `in_window`: the event's transaction is one that the seal covers; None without the event.
    """

    id: UUID
    place: int | None
    leaf: bytes | None
    event: bytes | None
    in_window: bool | None


Choice = tuple[bytes | None, ...]


def genuine_members(members: Sequence[Member], root: bytes, count: int) -> dict[UUID, bytes] | None:
    """The digests, by event, that give the sealed root; None when what there is cannot give it.

    `members` are in the order of their ids. Of each doubtful one its leaf, its event or neither was sealed.
    """
    for digests in _candidates(members, count):
        held = [(member.id, digest) for member, digest in zip(members, digests, strict=True) if digest]
        if len(held) == count and MerkleTree(digest for _, digest in held).root == root:
            return dict(held)
    return None


def _candidates(members: Sequence[Member], count: int) -> Iterator[Choice]:
    """What may have been sealed, likely things first."""
    yield tuple(member.leaf for member in members)
    yield tuple(member.leaf or member.event for member in members)
    yield tuple(member.event for member in members)
    yield tuple(member.event or member.leaf for member in members)
    yield tuple(member.leaf if member.event else None for member in members)
    yield tuple(member.leaf if member.in_window is not False else None for member in members)
    yield tuple(member.event if member.in_window else None for member in members)
    size = max(len(members), 1)
    places = [member.place for member in members if member.place is not None]
    shared = {place for place in places if places.count(place) > 1} if size < 10_000 else set()
    options = [_options(member, count, shared) for member in members]
    if prod(len(choices) for choices in options if len(choices) > 1) * size <= MOST_HASHES:
        yield from product(*options)
    leaves = [member.leaf for member in members]
    if size**2 <= MOST_HASHES and len([leaf for leaf in leaves if leaf]) == count + 1:
        for place in range(len(leaves)):
            yield (*leaves[:place], None, *leaves[place + 1 :])


def _options(member: Member, count: int, shared: set[int]) -> Choice:
    """The digests that a member may have been sealed with; None: it was not sealed."""
    agrees = member.leaf == member.event and member.in_window is not False
    placed = member.place is not None and member.place < count and member.place not in shared
    if agrees and placed:
        return (member.leaf,)
    return tuple(dict.fromkeys((member.leaf, member.event, None)))
