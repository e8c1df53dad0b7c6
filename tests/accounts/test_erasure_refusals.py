"""What stops an erasure, what other floors keep, and what no role can do around the service."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.choices import UserStatus
from accounts.models import RoleGrant, User
from accounts.services.erasure import erasure_vetoes
from accounts.services.login_events import login_event_record
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.erasure import Eraser, ErasureReport, Kept, register_eraser, remove_eraser
from core.errors import Refused
from core.vetoes import Veto, Vetoed, VetoSignal, erasure_requested
from tests.accounts.documents import (
    AcceptanceFactory,
    AgeFactory,
    ConsentFactory,
    LinkFactory,
    MediaFactory,
    closed,
)
from tests.accounts.erasing import (
    ADDRESS,
    WORDS,
    erase,
    found_markers,
    full_life,
)
from tests.accounts.factories import (
    RoleGrantFactory,
    SessionFactory,
    UserFactory,
    UserPasswordFactory,
    ViewerProfileFactory,
)
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


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
