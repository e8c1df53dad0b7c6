"""A place for archives, in memory."""

from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage, storages


@pytest.fixture(autouse=True)
def archive_files(settings: Any) -> InMemoryStorage:
    """Where archives lie during a test."""
    settings.STORAGES = {
        **settings.STORAGES,
        "personal_archives": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "attachments": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    return storages["personal_archives"]  # type: ignore[misc]
