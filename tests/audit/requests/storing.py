"""Storage of the tests: in memory, with keys that refuse to go."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages


class Stubborn(InMemoryStorage):
    """A store in which an object cannot be deleted while its key is in `stuck`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.stuck: set[str] = set()

    def delete(self, name: str) -> None:
        """Delete it. Raises OSError for what is stuck."""
        if name in self.stuck:
            raise OSError("the storage does not answer")
        super().delete(name)

    def keep(self, *keys: str) -> None:
        """Put an object under each key."""
        for key in keys:
            self.save(key, ContentFile(b"bytes"))


def stored(monkeypatch: pytest.MonkeyPatch) -> Stubborn:
    """The store of pictures and recordings of this test."""
    store = Stubborn()
    monkeypatch.setitem(storages._storages, "objects", store)  # type: ignore[attr-defined]
    return store
