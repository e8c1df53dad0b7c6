"""The Merkle tree of RFC 6962, section 2.1, over leaves that are hashed already."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

NODE = b"\x01"
EMPTY_ROOT = sha256().digest()
"""The root of a tree without leaves."""


class MerkleTree:
    """Takes leaves in order and gives the root; keeps one hash per level, however many leaves there are."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.count = 0
        self._complete: list[bytes] = []
        """Roots of complete subtrees from the left, each as large as its bit in `count`."""
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> None:
        """Append one leaf: SHA-256 of byte 0 and the data (`audit.seals.digests`)."""
        size = self.count
        while size & 1:
            leaf = sha256(NODE + self._complete.pop() + leaf).digest()
            size >>= 1
        self._complete.append(leaf)
        self.count += 1

    @property
    def root(self) -> bytes:
        """The root of the leaves so far; 32 bytes."""
        if not self._complete:
            return EMPTY_ROOT
        *left, root = self._complete
        for subtree in reversed(left):
            root = sha256(NODE + subtree + root).digest()
        return root


def audit_path(leaves: Iterable[bytes], place: int) -> tuple[bytes, int, list[bytes]]:
    """The root of the leaves, their number, and the path from the leaf at `place` to it (RFC 6962, section 2.1.1).

    The path goes from the leaf upwards; it has no entry where a subtree stands alone. Leaves are read once and not
    kept. Raises IndexError when there is no such leaf.
    """
    complete: list[tuple[bytes, bool]] = []
    path: list[bytes] = []
    count = 0
    for leaf in leaves:
        node, ours, size = leaf, count == place, count
        while size & 1:
            node, ours = _joined(complete.pop(), (node, ours), path)
            size >>= 1
        complete.append((node, ours))
        count += 1
    if not 0 <= place < count:
        raise IndexError(f"There is no leaf {place} among {count}.")
    root = complete.pop()
    while complete:
        root = _joined(complete.pop(), root, path)
    return root[0], count, path


def _joined(left: tuple[bytes, bool], right: tuple[bytes, bool], path: list[bytes]) -> tuple[bytes, bool]:
    """Two subtrees as one; where ours is one of them, the other is the next step of the path."""
    if left[1] or right[1]:
        path.append(right[0] if left[1] else left[0])
    return sha256(NODE + left[0] + right[0]).digest(), left[1] or right[1]


def root_of_path(leaf: bytes, place: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads from the leaf at `place` of `count` (RFC 9162, section 2.1.3.2).

    None when a path of that length leads nowhere from there.
    """
    if not 0 <= place < count:
        return None
    at, last, root = place, count - 1, leaf
    for step in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            root = sha256(NODE + step + root).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = sha256(NODE + root + step).digest()
        at, last = at >> 1, last >> 1
    return root if last == 0 else None
