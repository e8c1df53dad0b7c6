"""Erasing a person: vetoes, what goes, what stays, and that nothing is left over."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.choices import MediaKind, UserStatus
from accounts.errors import OwnAccount
from accounts.models import ReservedHandle, RoleGrant, User
from accounts.services.erasure import erasure_survey, erasure_vetoes, user_erase
from accounts.services.handles import handle_change
from accounts.services.login_events import login_event_record
from accounts.services.profiles import profile_change
from accounts.services.sessions import session_digest
from accounts.services.verifications import verification_request
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.erasure import Eraser, ErasureReport, Kept, register_eraser, remove_eraser
from core.errors import IllegalTransition, Refused, StaleVersion
from core.vetoes import Veto, Vetoed, VetoSignal, erasure_requested
from tests.accounts.conftest import Announced
from tests.accounts.contacts import add
from tests.accounts.documents import (
    AcceptanceFactory,
    AgeFactory,
    ConsentFactory,
    LinkFactory,
    MediaFactory,
    closed,
)
from tests.accounts.factories import (
    FlagFactory,
    RestrictionFactory,
    RoleGrantFactory,
    SessionFactory,
    UserFactory,
    UserPasswordFactory,
    ViewerProfileFactory,
    staff,
)
from tests.accounts.second_factors import enrolled
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

HANDLE, OLD_HANDLE = "zmarker_now", "zmarker_before"
ADDRESS = "203.0.113.199"
WORDS = "zmarker-words"
MARKERS = ("zmarker", ADDRESS)

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


@pytest.fixture
def compliance(db: None) -> User:
    return staff(Role.COMPLIANCE)


def erase(user: User, actor: User, **options: Any) -> ErasureReport:
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return user_erase(user_id=user.pk, actor=actor, reason="asked for it in writing", **options)


def full_life() -> User:
    """A person with something in every table, whose markers stand wherever text can stand."""
    user = UserFactory(handle=OLD_HANDLE, country="IS", locale="is", time_zone="Atlantic/Reykjavik")
    with acting(Role.OWNER, user_id=user.pk):
        handle_change(user_id=user.pk, handle=HANDLE, actor=user, reason=f"{WORDS} marriage")
    profile = ViewerProfileFactory(user=user, display_name=f"{WORDS} name")
    profile_change(viewer_profile_id=profile.pk, actor=None, display_name=f"{WORDS} again", reason=WORDS)
    UserPasswordFactory(user=user, password_hash=f"argon2${WORDS}")
    SessionFactory(
        user=user, address=ADDRESS, user_agent=WORDS, token_digest=session_digest(WORDS), revoked_by=user
    )
    login_event_record(user=user, failure=None, address=ADDRESS, user_agent=WORDS)
    LinkFactory(user=user, subject=f"{WORDS}-subject")
    key = f"people/{user.pk}/{WORDS}"
    MediaFactory(user=user, object_key=f"{key}.webp")
    MediaFactory(user=user, kind=MediaKind.GALLERY, position=0, status="approved", object_key=f"{key}.png")
    FlagFactory(user=user, note=f"{WORDS} seen")
    AcceptanceFactory(user=user, address=ADDRESS, user_agent_family=WORDS)
    ConsentFactory(user=user)
    AgeFactory(user=user)
    RestrictionFactory(user=user)
    contact = add(user, f"{WORDS}@example.org")
    with acting(Role.VIEWER, user_id=user.pk):
        verification_request(contact_id=contact.pk, actor=user)
    enrolled(user)
    run(
        "INSERT INTO axes_accessattempt (user_agent, ip_address, username, http_accept, path_info, attempt_time, "
        "get_data, post_data, failures_since_start) VALUES ('', %s, %s, '', '', now(), '', '', 1)",
        [ADDRESS, str(user.pk)],
    )
    run(
        "UPDATE accounts_user SET status = 'closed', closed_at = now() - interval '31 days', last_seen_at = now() "
        "WHERE id = %s",
        [user.pk],
    )
    return User.objects.get(pk=user.pk)


def columns() -> Iterator[tuple[str, str, str]]:
    """Every column of the schema that could hold words, addresses, documents or bytes."""
    yield from run(
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE c.relnamespace = 'vbl'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
        "AND a.attnum > 0 AND NOT a.attisdropped "
        "AND format_type(a.atttypid, NULL) IN ('text', 'text[]', 'character varying', 'jsonb', 'json', 'inet', "
        "'cidr', 'bytea', 'xml')"
    )


def found_markers() -> set[tuple[str, str]]:
    found = set()
    digest = session_digest(WORDS).hex()
    for table, column, kind in columns():
        text = f"encode({column}, 'hex') || ' ' || encode({column}, 'escape')" if kind == "bytea" else column
        for marker in (*MARKERS, digest):
            if run(
                f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)} "
                f"WHERE strpos(lower(({text})::text), %s) > 0)",
                [marker],
            )[0][0]:
                found.add((table, column))
    return found


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
    own = [
        line for line in report.destroyed if not line.table.startswith(("performers_", "streams_", "audit_"))
    ]
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


class TestVetoes:
    """Everything that stands against it is heard, and said at once."""

    @pytest.fixture
    def hold(self) -> Iterator[None]:
        def legal_hold(**_: Any) -> Veto:
            return Veto("A court asked to keep this account.")

        def money(**_: Any) -> None:
            raise Vetoed(Veto("A payout is on its way."), Veto("A payment is disputed."))

        erasure_requested.connect(legal_hold)
        erasure_requested.connect(money)
        yield
        erasure_requested.disconnect(legal_hold)
        erasure_requested.disconnect(money)

    def test_all_are_collected_and_nothing_happens(self, compliance: User, hold: None) -> None:
        user = closed(days=3)
        with pytest.raises(Vetoed) as caught:
            erase(user, compliance)
        assert {veto.reason for veto in caught.value.vetoes} == {
            "An account is erased 30 days after its closing at the earliest.",
            "A court asked to keep this account.",
            "A payout is on its way.",
            "A payment is disputed.",
        }
        for words in ("court", "payout", "disputed", "Not before"):
            assert words in str(caught.value)
        assert User.objects.get(pk=user.pk).handle == user.handle

    def test_the_cooling_period_ends(self, compliance: User, settings: Any) -> None:
        user = closed(days=29)
        (veto,) = erasure_vetoes(user)
        assert veto.until == user.closed_at + timedelta(days=30)
        settings.ERASURE_COOLING_PERIOD = timedelta(days=28)
        assert erasure_vetoes(user) == ()
        erase(user, compliance)

    def test_staff_are_not_erased_in_office(self, compliance: User) -> None:
        user = closed()
        grant = RoleGrantFactory(user=user)
        with pytest.raises(Vetoed, match="administrator has to revoke"):
            erase(user, compliance)
        with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("holds a staff role"):
            run("SELECT * FROM accounts_person_erase(%s)", [user.pk])
        grant.end(timezone.now())
        RoleGrant.objects.filter(pk=grant.pk).update(valid=grant.valid)
        erase(user, compliance)

    def test_a_question_nobody_could_answer_is_no_yes(self, compliance: User) -> None:
        def broken(**_: Any) -> None:
            raise RuntimeError("no answer")

        user = closed()
        erasure_requested.connect(broken)
        try:
            with pytest.raises(RuntimeError):
                erase(user, compliance)
        finally:
            erasure_requested.disconnect(broken)
        assert User.objects.get(pk=user.pk).status == UserStatus.CLOSED

    def test_an_answer_that_is_no_veto_is_refused(self) -> None:
        signal = VetoSignal()

        def chatty(**_: Any) -> list[str]:
            return ["no"]

        signal.connect(chatty)
        with pytest.raises(TypeError, match="None, Veto or several"):
            signal.ask(sender=None)


class TestOtherFloors:
    """What later apps register is done in the same transaction, or nothing is."""

    @pytest.fixture
    def part(self) -> Iterator[list[str]]:
        calls: list[str] = []

        def survey(person_id: Any) -> ErasureReport:
            return ErasureReport(kept=(Kept("billing_invoice", "invoices", 2, "tax law", "10 years"),))

        def carry_out(person_id: Any) -> ErasureReport:
            calls.append(run("SELECT status FROM accounts_user WHERE id = %s", [person_id])[0][0])
            if "fail" in calls:
                raise Refused("The other floor could not.")
            return survey(person_id)

        register_eraser(Eraser(40, "other floor", survey=survey, erase=carry_out))
        yield calls
        remove_eraser("other floor")

    def test_they_follow_when_the_account_is_erased(self, compliance: User, part: list[str]) -> None:
        report = erase(closed(), compliance)
        assert part == ["erased"]
        assert "billing_invoice" in {line.table for line in report.kept}

    def test_one_that_fails_undoes_all(self, compliance: User, part: list[str]) -> None:
        user = full_life()
        part.append("fail")
        before = found_markers()
        with pytest.raises(Refused, match="could not"):
            erase(user, compliance)
        assert found_markers() == before
        assert User.objects.get(pk=user.pk).status == UserStatus.CLOSED

    def test_a_failing_listener_undoes_all(self, compliance: User) -> None:
        from accounts.announcements import user_erased

        def broken(**_: Any) -> None:
            raise RuntimeError("the trail is full")

        user = full_life()
        before = found_markers()
        user_erased.connect(broken)
        try:
            with pytest.raises(RuntimeError):
                erase(user, compliance)
        finally:
            user_erased.disconnect(broken)
        assert found_markers() == before

    def test_a_name_is_registered_once(self, part: list[str]) -> None:
        with pytest.raises(ValueError, match="registered already"):
            register_eraser(
                Eraser(40, "other floor", survey=lambda _: ErasureReport(), erase=lambda _: ErasureReport())
            )


class TestAttacks:
    """Nobody gets round the function, and nobody else may call it."""

    @pytest.mark.parametrize("role", [Role.APP, Role.RETENTION, *ACTING_ROLES])
    def test_only_compliance_calls_it(self, role: Role) -> None:
        user, actor = closed(), UserFactory()
        with acting(role, user_id=actor.pk):
            for function in ("accounts_person_erase", "accounts_person_survey"):
                allowed = run("SELECT has_function_privilege(%s, 'EXECUTE')", [f"{function}(uuid)"])[0][0]
                assert allowed == (role is Role.COMPLIANCE)
        assert User.objects.get(pk=user.pk).status == UserStatus.CLOSED

    def test_not_even_the_owner_calls_it(self) -> None:
        with refused("Only compliance erases people"):
            run("SELECT * FROM accounts_person_erase(%s)", [closed().pk])

    def test_it_is_done_by_somebody_and_by_somebody_else(self, compliance: User) -> None:
        user = closed()
        for actor in (None, user.pk):
            with acting(Role.COMPLIANCE, user_id=actor), refused("by somebody else"):
                run("SELECT * FROM accounts_person_erase(%s)", [user.pk])

    @pytest.mark.parametrize(
        "role", [Role.COMPLIANCE, Role.LEAD_MODERATOR, Role.ADMINISTRATOR, Role.WORKER, Role.VIEWER]
    )
    def test_no_role_sets_the_status_by_itself(self, role: Role) -> None:
        user = closed()
        actor = user if role is Role.VIEWER else UserFactory()
        with acting(role, user_id=actor.pk), refused("accounts_person_erase alone|permission denied"):
            run("UPDATE accounts_user SET status = 'erased' WHERE id = %s", [user.pk])
        assert User.objects.get(pk=user.pk).status == UserStatus.CLOSED

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("historicaluser", "id"),
            ("historicalviewerprofile", "user_id"),
            ("historicalaccountflag", "user_id"),
            ("historicalreservedhandle", "previous_owner_id"),
            ("loginevent", "user_id"),
        ],
    )
    def test_history_of_the_living_stays_even_for_the_owner(self, table: str, column: str) -> None:
        user = full_life()
        run(
            "SELECT set_config('pgtrigger.ignore', 'true', true), set_config('app.user_id', %s, true)",
            [str(user.pk)],
        )
        for statement in (
            "DELETE FROM accounts_{} WHERE {} = %s",
            "UPDATE accounts_{0} SET {1} = {1} WHERE {1} = %s",
        ):
            with refused("append-only"):
                run(statement.format(table, column), [user.pk])

    def test_an_acceptance_is_never_changed_but_emptied_with_its_person(self, compliance: User) -> None:
        user = full_life()
        with refused("append-only"):
            run("UPDATE accounts_acceptance SET address = NULL, user_agent_family = ''")
        erase(user, compliance)
        for statement in (
            "UPDATE accounts_acceptance SET accepted_at = now()",
            "UPDATE accounts_acceptance SET address = '192.0.2.1'",
            "DELETE FROM accounts_acceptance",
        ):
            with refused("append-only"):
                run(statement)

    def test_nothing_is_written_about_the_erased_any_more(self, compliance: User) -> None:
        user = closed()
        erase(user, compliance)
        for factory in (SessionFactory, UserPasswordFactory, ViewerProfileFactory, LinkFactory, MediaFactory,
                        AcceptanceFactory, ConsentFactory, AgeFactory):  # fmt: skip
            with refused("This person was erased"):
                factory(user=user)
        with refused("This person was erased"):
            login_event_record(user=user, failure=None, address=ADDRESS, user_agent=WORDS)
        with refused("never changed"):
            affected("UPDATE accounts_user SET country = 'IS' WHERE id = %s", [user.pk])
