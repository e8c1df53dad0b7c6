"""Arbitrary text meets handles and display names: a sentence or a row, never an error of the machine."""

import re

import pytest
from django.db.models import Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import HandleRefused
from accounts.models import User, ViewerProfile
from accounts.models.user import HANDLE_PATTERN, skeleton_of
from accounts.services.handles import handle_check
from accounts.services.profiles import PreferenceRefused, UnknownPreference, profile_change
from core.db.context import acting
from core.db.roles import Role
from core.db.text import PLAIN_LINE
from core.errors import StaleVersion
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, ViewerProfileFactory
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
handles = st.from_regex(re.compile(HANDLE_PATTERN), fullmatch=True).map(lambda text: text.rstrip("\n"))
any_text = st.text(alphabet=st.characters(codec=None), max_size=60)


def skeleton(handle: str) -> str:
    """The reference: what PostgreSQL computes, in Python."""
    looks = handle.lower().translate(str.maketrans("01i", "oll"))
    return looks.replace("rn", "m").replace("vv", "w")


def skeleton_in_sql(text: str) -> str:
    return User.objects.annotate(looks=skeleton_of(Value(text))).values_list("looks", flat=True)[0]


@quick
@given(handle=handles)
def test_the_skeleton_in_sql_is_the_reference_and_settles(user: User, handle: str) -> None:
    looks = skeleton_in_sql(handle)
    assert looks == skeleton(handle)
    assert skeleton(looks) == looks
    assert skeleton(handle.swapcase()) == looks


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("paypal", "paypa1"),
        ("paypal", "PAYPAI"),
        ("modern", "modem"),
        ("vvip", "wip"),
        ("zo0m", "ZOOM"),
        ("rnrn_", "mm_"),
        ("lily", "1i1y"),
    ],
)
def test_look_alikes_meet_in_the_database(first: str, second: str) -> None:
    UserFactory(handle=first)
    with pytest.raises(HandleRefused, match="looks too much like"):
        handle_check(second)
    with refused("accounts_user_handle_skeleton_key"):
        UserFactory(handle=second)


@quick
@given(
    text=any_text | st.sampled_from(["'; DROP TABLE accounts_user; --", "%s%(x)s", "\\", "a" * 10_000, "\0"])
)
def test_a_handle_is_refused_in_words_or_taken(user: User, text: str) -> None:
    words = ""
    try:
        handle_check(text)
    except HandleRefused as refusal:
        words = str(refusal)
    assert words or re.fullmatch("[A-Za-z0-9_]{3,30}", text)


def change(profile: ViewerProfile, **preferences: object) -> ViewerProfile:
    with acting(Role.VIEWER, user_id=profile.user_id):
        return profile_change(viewer_profile_id=profile.pk, actor=profile.user, **preferences)


@quick
@given(text=any_text)
def test_a_display_name_is_refused_in_words_or_kept(user: User, text: str) -> None:
    profile = ViewerProfile.objects.filter(user=user).first() or ViewerProfileFactory(user=user)
    words = ""
    try:
        change(profile, display_name=text)
    except PreferenceRefused as refusal:
        words = str(refusal)
    profile.refresh_from_db()
    fits = len(text) <= 50 and re.fullmatch(PLAIN_LINE, text, re.DOTALL)
    assert words or (profile.display_name == text and fits)


@pytest.mark.parametrize(
    "name",
    [
        "Зоя",
        "محمد",
        "नमस्ते",
        "王小明",
        "👩‍🚀",
        "می‌خواهم",
        "O'Brien; --",
        "<b>bold</b>",
        "=cmd()",
        "ß" * 50,
        "",
    ],
)
def test_names_of_any_script_are_kept(user: User, name: str) -> None:
    profile = ViewerProfileFactory(user=user, display_name="before")
    change(profile, display_name=name)
    profile.refresh_from_db()
    assert profile.display_name == name


@pytest.mark.parametrize(
    "sign",
    [
        "\0",
        "\x01",
        "\n",
        "\x7f",
        "\x85",
        "\u061c",
        "\u200b",
        "\u200e",
        "\u202e",
        "\u2028",
        "\u2066",
        "\ufeff",
    ],
)
def test_signs_that_nobody_sees_are_refused(user: User, sign: str) -> None:
    profile = ViewerProfileFactory(user=user)
    with pytest.raises(PreferenceRefused):
        change(profile, display_name=f"Ann{sign}a")
    profile.refresh_from_db()
    assert profile.display_name == ""


def test_preferences_are_changed_and_told_by_name(user: User, announced: Announced) -> None:
    profile = ViewerProfileFactory(user=user)
    change(profile, autoplay=False, captions=False, quality_cap="720p")
    assert announced.only("profile_changed")["changed"] == ("autoplay", "quality_cap")
    assert ViewerProfile.history.filter(id=profile.pk).first().history_user_id == user.pk
    change(profile, autoplay=False)
    assert len(announced) == 1


@pytest.mark.parametrize(
    ("preferences", "refusal", "words"),
    [
        ({"shoe_size": 43}, UnknownPreference, "no preference called shoe_size"),
        ({"user_id": 1}, UnknownPreference, "user_id"),
        ({"quality_cap": "8k"}, PreferenceRefused, "must be one of"),
        ({"autoplay": "perhaps"}, PreferenceRefused, "True or False"),
        ({"quiet_from": "22:00"}, PreferenceRefused, "beginning and an end"),
        ({"quiet_from": "half past ten"}, PreferenceRefused, "format"),
        ({"display_name": "x" * 51}, PreferenceRefused, "0 to 50"),
        ({"expected_version": 7, "captions": True}, StaleVersion, "after you opened it"),
    ],
)
def test_preferences_that_are_refused(
    user: User, preferences: dict[str, object], refusal: type[Exception], words: str, announced: Announced
) -> None:
    profile = ViewerProfileFactory(user=user)
    with pytest.raises(refusal, match=words):
        change(profile, **preferences)
    assert run("SELECT version FROM accounts_viewerprofile") == [(1,)]
    assert not announced
