"""What tests of encryption share: somebody who records reveals, and correspondents."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from core.encryption import Purpose, keys_for
from core.encryption.signals import keys_used
from tests.kernel.models import Correspondent


@pytest.fixture
def told() -> Iterator[list[tuple[Purpose, str]]]:
    """Listens to the use of keys; without a listener nothing is revealed."""
    heard: list[tuple[Purpose, str]] = []

    def listen(sender: Any, purpose: Purpose, reason: str, **_: Any) -> bool:
        heard.append((purpose, reason))
        return True

    keys_used.connect(listen)
    yield heard
    keys_used.disconnect(listen)


@pytest.fixture
def own_keys(tmp_path: Path, settings: Any) -> Path:
    """A copy of the keys that a test may change; the process of the test uses it."""
    directory = tmp_path / "own keys"
    shutil.copytree(settings.KEYS_DIRECTORY, directory)
    settings.KEYS_DIRECTORY = directory
    settings.KEYS_MADE_WHEN_MISSING = False
    return directory


def storing() -> AbstractContextManager[Any]:
    """Keys that encrypt."""
    return keys_for(Purpose.STORE, actor=None)


def reading(purpose: Purpose = Purpose.DELIVER) -> AbstractContextManager[Any]:
    """Keys that encrypt and read."""
    return keys_for(purpose, actor=None, reason="a test")


@pytest.fixture
def ada(db: None) -> Correspondent:
    """A correspondent, loaded without keys."""
    with storing():
        made = Correspondent.objects.create(name="Ada", value="Ada@Example.org", note="plays chess")
    return Correspondent.objects.get(pk=made.pk)
