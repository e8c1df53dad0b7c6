"""A model without size class or retention fails the check by name."""

import pytest
from django.core.checks import Error

from accounts.models import Restriction
from core.checks import check_house_rules
from core.models.storage import Volume, retention_of, volume_of


def _errors() -> list[Error]:
    return [message for message in check_house_rules(None) if message.id == "core.E012"]


def test_every_model_says_both() -> None:
    assert _errors() == []


def test_a_model_without_them_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Restriction, "volume")
    monkeypatch.setattr(Restriction, "retention", "")
    assert {error.msg for error in _errors()} == {
        "accounts_restriction does not say its volume and its retention.",
        "accounts_historicalrestriction does not say its volume and its retention.",
    }


def test_a_history_is_kept_like_its_subject_and_is_never_small() -> None:
    assert retention_of(Restriction.history.model) == retention_of(Restriction)
    assert volume_of(Restriction.history.model) is Volume.LARGE
