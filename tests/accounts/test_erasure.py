"""Erasing a person: vetoes, what goes, what stays, and that nothing is left over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.choices import UserStatus
from accounts.errors import OwnAccount
from accounts.models import ReservedHandle, User
from accounts.services.erasure import erasure_survey
from accounts.services.login_events import login_event_record
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from tests.accounts.conftest import Announced
from tests.accounts.documents import (
    AcceptanceFactory,
    closed,
)
from tests.accounts.erasing import ADDRESS, HANDLE, OLD_HANDLE, erase, found_markers, full_life
from tests.accounts.factories import (
    FlagFactory,
    SessionFactory,
    UserFactory,
    ViewerProfileFactory,
)
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

LEFT = {
    ("accounts_reservedhandle", "handle"),
    ("accounts_reservedhandle", "handle_skeleton"),
}
"""Columns in which the person's markers may be found afterwards, each declared as kept."""


PROTECTED = (
    "accounts_usercontact",
    "accounts_contactverification",
    "accounts_totpdevice",
    "accounts_recoverycode",
)
"""Tables whose columns show no marker because they are encrypted or digests."""


def test_nothing_that_identifies_is_found_anywhere_afterwards(compliance: User) -> None:
    user = full_life()
    before = found_markers()
    assert {table for table, _ in before} >= {
        "accounts_user",
        "accounts_userpassword",
        "accounts_usersession",
        "accounts_loginevent",
        "accounts_identityproviderlink",
        "accounts_viewerprofile",
        "accounts_profilemedia",
        "accounts_historicaluser",
        "accounts_historicalviewerprofile",
        "accounts_historicalreservedhandle",
        "accounts_accountflag",
        "accounts_historicalaccountflag",
        "accounts_acceptance",
        "axes_accessattempt",
        "audit_label",
    }
    assert all(run(f"SELECT 1 FROM {table}") for table in PROTECTED)
    erase(user, compliance)
    assert found_markers() - LEFT == set()
    assert not any(run(f"SELECT 1 FROM {table}") for table in PROTECTED)
    gone = User.objects.get(pk=user.pk)
    assert (gone.handle, gone.locale, gone.time_zone, gone.country, gone.last_seen_at) == (
        None, "und", "UTC", None, None,
    )  # fmt: skip
    assert gone.status == UserStatus.ERASED
    assert str(gone) == f"erased person {user.pk}"


def test_the_report_says_what_went_and_what_stays_and_the_survey_said_it_before(compliance: User) -> None:
    user = full_life()
    with acting(Role.COMPLIANCE, user_id=compliance.pk):
        expected = erasure_survey(user.pk)
    report = erase(user, compliance)
    assert report == expected
    own = [line for line in report.destroyed if line.table.startswith("accounts_")]
    assert all(line.rows > 0 for line in own), own
    assert len(report.objects) == 2
    assert all(key.startswith(f"people/{user.pk}/") for key in report.objects)
    kept = {line.table: line for line in report.kept}
    assert kept["accounts_consent"].rows == kept["accounts_ageassurance"].rows == 1
    assert all(line.why and line.until for line in report.kept)
    assert report.as_json()["kept"][0]["until"]
    with acting(Role.COMPLIANCE, user_id=compliance.pk):
        after = erasure_survey(user.pk)
    assert [line.rows for line in after.destroyed] == [0] * len(after.destroyed)
    for table in ("acceptance", "consent", "ageassurance", "restriction", "accountflag"):
        assert run(f"SELECT count(*) FROM accounts_{table} WHERE user_id = %s", [user.pk]) == [(1,)], table


def test_others_keep_what_is_theirs(compliance: User) -> None:
    other = UserFactory(handle="bruno")
    ViewerProfileFactory(user=other, display_name="Bruno")
    SessionFactory(user=other)
    AcceptanceFactory(user=other, address=ADDRESS)
    FlagFactory(user=other, note="seen")
    login_event_record(user=other, failure=None, address=ADDRESS, user_agent="Browser")
    count = (
        "SELECT (SELECT count(*) FROM accounts_usersession), (SELECT count(*) FROM accounts_loginevent), "
        "(SELECT count(*) FROM accounts_historicaluser WHERE id = %s), "
        "(SELECT count(*) FROM accounts_acceptance WHERE address IS NOT NULL), "
        "(SELECT count(*) FROM accounts_accountflag WHERE note <> '')"
    )
    before = run(count, [other.pk])
    erase(closed(), compliance)
    assert run(count, [other.pk]) == before
    assert User.objects.get(pk=other.pk).handle == "bruno"


def test_the_handle_rests_without_saying_whose_it_was(compliance: User) -> None:
    user = full_life()
    erase(user, compliance)
    for handle in (HANDLE, OLD_HANDLE):
        resting = ReservedHandle.objects.get(handle=handle)
        assert (resting.reason, resting.previous_owner_id) == ("quarantine", None)
        assert resting.reserved_until is not None
        assert resting.reserved_until > timezone.now() + timedelta(days=179)
    with refused("This handle is reserved"):
        UserFactory(handle=HANDLE)


def test_a_name_reserved_for_ever_stays_so(compliance: User) -> None:
    user = closed(handle="brand_y")
    ReservedHandle.objects.create(handle="brand_y", reason="brand")
    erase(user, compliance)
    assert ReservedHandle.objects.get(handle="brand_y").reserved_until is None


def test_it_is_announced_without_the_name_and_with_counts(compliance: User, announced: Announced) -> None:
    user = full_life()
    erase(user, compliance)
    told = announced.only("user_erased")
    assert told["actor"] == compliance
    assert str(told["subject"]) == f"erased person {user.pk}"
    assert told["detail"]["destroyed"]["accounts_usersession"] == 1
    assert told["detail"]["kept"]["accounts_consent"] == 1
    assert "zmarker" not in str(told["detail"])


@pytest.mark.parametrize("status", [status for status in UserStatus if status != UserStatus.CLOSED])
def test_only_the_closed_are_erased(compliance: User, status: str) -> None:
    user = UserFactory(status=status)
    with pytest.raises(IllegalTransition, match="cannot become erased"):
        erase(user, compliance)
    assert User.objects.get(pk=user.pk).status == status


def test_not_ones_own_not_twice_and_not_with_a_stale_form(compliance: User) -> None:
    with pytest.raises(OwnAccount):
        erase(compliance, compliance)
    user = closed()
    with pytest.raises(StaleVersion):
        erase(user, compliance, expected_version=1)
    erase(user, compliance)
    state = run("SELECT * FROM accounts_user WHERE id = %s", [user.pk])
    with pytest.raises(IllegalTransition, match="This is erased"):
        erase(user, compliance)
    with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("and only once"):
        run("SELECT * FROM accounts_person_erase(%s)", [user.pk])
    assert run("SELECT * FROM accounts_user WHERE id = %s", [user.pk]) == state
