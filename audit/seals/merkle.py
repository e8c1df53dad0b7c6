"""The Merkle tree of RFC 6962, section 2.1, over leaves that are hashed already."""

from collections.abc import Iterable
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
