"""The secret by which the simulator signs, for the tests of payouts."""

import pytest

from tests.billing.providers.house import SECRETS


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"PROVIDER_SECRET_{name.upper()}", value)
