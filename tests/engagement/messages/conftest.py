"""People of the tests of private messages, and a store of files in memory."""

import pytest
from django.core.files.storage import InMemoryStorage, storages

from tests.accounts.conftest import announced, compliance, lead, moderator, user  # noqa: F401


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> InMemoryStorage:
    """Where attachments lie."""
    store = InMemoryStorage()
    monkeypatch.setitem(storages._storages, "attachments", store)
    return store
