"""A table about people that says nothing of legal holds fails the check by name."""

import pytest

from accounts.models import Restriction, UserContact
from core.checks import check_model
from core.db.holds import HeldBy, NotHeld, held_by_of, not_held, words_of
from streams.models import Recording, ViewerCountSample


def identifiers(model: type) -> list[str]:
    return [str(message.id) for message in check_model(model)]


@pytest.mark.parametrize("model", [Restriction, Recording, ViewerCountSample])
def test_a_table_about_people_says_whose_its_rows_are(model: type, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "core.E021" not in identifiers(model)
    monkeypatch.delattr(model, "held_by")
    assert "core.E021" in identifiers(model)


def test_what_no_hold_reaches_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Restriction, "held_by", HeldBy(keeps=("reason",)))
    assert "core.E022" in identifiers(Restriction)


def test_encrypted_columns_are_never_copied_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UserContact, "held_by", HeldBy(person=("user",), gives_way="true"))
    assert "core.E022" in identifiers(UserContact)


def test_a_history_is_held_with_its_subject() -> None:
    held = held_by_of(Restriction.history.model)
    assert isinstance(held, HeldBy)
    assert (held.person, held.keeps) == (("user",), ())


def test_words_for_the_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    assert words_of(UserContact) == "on its person: no row is deleted; value, value_index do not change"
    monkeypatch.setattr(UserContact, "held_by", NotHeld("Nobody asks."))
    assert words_of(UserContact) == "does not keep it. Nobody asks."
    with pytest.raises(TypeError, match="does not say whose"):
        not_held(UserContact)
