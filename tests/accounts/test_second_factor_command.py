"""The command for the only administrator who lost both app and codes."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import RecoveryCode, TotpDevice, User, UserSession
from audit.models import Event
from tests.accounts.factories import SessionFactory
from tests.accounts.second_factors import enrolled

pytestmark = pytest.mark.django_db

REASON = "came to the office with her passport"


def reset(handle: str, reason: str = REASON) -> str:
    said = io.StringIO()
    call_command("second_factor_reset", handle, "--reason", reason, stdout=said)
    return said.getvalue()


def test_it_takes_the_factor_away_ends_sessions_and_leaves_a_trace(administrator: User) -> None:
    enrolled(administrator)
    SessionFactory(user=administrator)
    assert "adam signs in with the password alone" in reset("adam")
    assert not TotpDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert not UserSession.objects.in_force().exists()
    event = Event.objects.select_related("label").get(action="second_factor_reset")
    assert (event.actor_id, event.subject_id, event.label.reason) == (None, administrator.pk, REASON)


@pytest.mark.parametrize(
    ("handle", "reason", "words"),
    [
        ("nobody", REASON, "Nobody has the handle"),
        ("adam", "lost", "at least 10 characters"),
        ("adam", REASON, "has no second factor"),
    ],
)
def test_what_makes_no_sense_is_refused(administrator: User, handle: str, reason: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        reset(handle, reason)
