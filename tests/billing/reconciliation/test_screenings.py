"""Screenings and identity cases: for compliance alone, never about oneself, decided once, sealed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from billing.errors import KycCaseRefused, ScreeningRefused
from billing.models import KycCase, SanctionsScreening
from billing.reconciliation_choices import KycStatus, ScreeningOutcome
from billing.services.kyc_cases import (
    kyc_case_decide,
    kyc_case_open,
    kyc_case_take,
    kyc_findings_reveal,
)
from billing.services.sanctions_screenings import (
    payout_barred,
    sanctions_hit_reveal,
    sanctions_match_decide,
    sanctions_screening_record,
)
from billing.services.screening_erasure import survey
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from core.encryption import Sealed
from core.encryption.reveal import RevealRefused
from core.errors import IllegalTransition
from tests.accounts.factories import UserFactory, staff
from tests.browser import Browser
from tests.performers.factories_schedule import StudioFactory

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
HIT = "Anna Example, born 1950, listed since 2014"
REASON = "compared the birth dates"


@pytest.fixture
def officer() -> User:
    return staff(Role.COMPLIANCE)


@pytest.fixture
def anna() -> User:
    return UserFactory()


def screened(officer: User, user: User | None, hit: str = "", **said: Any) -> SanctionsScreening:
    whom = {"user_id": user.pk} if user else {}
    return sanctions_screening_record(
        sanctions_list=said.pop("sanctions_list", "eu"),
        list_version="2026-11-01",
        actor=officer,
        hit=hit,
        **whom,
        **said,
    )


def decided(officer: User, screening: SanctionsScreening, is_the_listed: bool) -> SanctionsScreening:
    return sanctions_match_decide(
        sanctions_screening_id=screening.pk, is_the_listed=is_the_listed, actor=officer, reason=REASON
    )


def opened(officer: User, user: User, **said: Any) -> KycCase:
    return kyc_case_open(
        user_id=user.pk, actor=officer, **{"cause": "periodic", "reason": "a year has passed", **said}
    )


def barred(**whom: Any) -> bool:
    with acting(Role.WORKER):
        return payout_barred(**whom)


def as_officer(officer: User, act: Callable[[], Any]) -> Any:
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        return act()


class TestScreenings:
    def test_a_possible_match_bars_payouts_until_it_is_somebody_else(self, officer: User, anna: User) -> None:
        assert screened(officer, anna).outcome == ScreeningOutcome.CLEAR
        assert not barred(performer_id=anna.pk)
        found = screened(officer, anna, HIT)
        assert barred(performer_id=anna.pk)
        assert not barred(performer_id=UserFactory().pk)
        decision = decided(officer, found, is_the_listed=False)
        assert (decision.outcome, decision.decides, decision.list) == ("false_match", found, "eu")
        assert not barred(performer_id=anna.pk)
        decided(officer, screened(officer, anna, HIT, sanctions_list="un"), is_the_listed=True)
        screened(officer, anna)
        assert barred(performer_id=anna.pk), "another list says nothing about this one"
        screened(officer, anna, sanctions_list="un")
        assert not barred(performer_id=anna.pk), "no longer on the list"

    def test_a_possible_match_is_lifted_by_nothing_but_its_own_decision(
        self, officer: User, anna: User
    ) -> None:
        first, second = screened(officer, anna, HIT), screened(officer, anna, "Anna Example, born 1981")
        screened(officer, anna)
        assert barred(performer_id=anna.pk), "a screening decides nothing"
        decided(officer, first, is_the_listed=False)
        assert barred(performer_id=anna.pk), "the other one is not decided"
        decided(officer, second, is_the_listed=False)
        assert not barred(performer_id=anna.pk)

    def test_a_confirmed_match_is_not_lifted_by_another_that_was_not_her(
        self, officer: User, anna: User
    ) -> None:
        decided(officer, screened(officer, anna, HIT), is_the_listed=True)
        decided(officer, screened(officer, anna, "Anna Example, born 1981"), is_the_listed=False)
        assert barred(performer_id=anna.pk)
        screened(officer, anna)
        assert not barred(performer_id=anna.pk)

    def test_a_screening_of_a_studio_says_nothing_about_a_person(self, officer: User, anna: User) -> None:
        studio = StudioFactory()
        decided(officer, screened(officer, anna, HIT), is_the_listed=True)
        screened(officer, None, studio_id=studio.pk)
        assert barred(performer_id=anna.pk, studio_id=studio.pk)

    def test_a_studio_is_screened_too(self, officer: User) -> None:
        studio = StudioFactory()
        screened(officer, None, HIT, studio_id=studio.pk)
        assert barred(studio_id=studio.pk)
        assert not barred(studio_id=StudioFactory().pk)

    def test_what_is_no_screening(self, officer: User, anna: User) -> None:
        studio = StudioFactory()
        for call, words in (
            (lambda: screened(officer, officer), "Nobody screens themselves"),
            (lambda: screened(officer, None), "a person or a studio"),
            (lambda: screened(officer, anna, studio_id=studio.pk), "a person or a studio"),
            (lambda: screened(officer, anna, sanctions_list="mars"), "no such list"),
        ):
            with pytest.raises(ScreeningRefused, match=words):
                call()
        clear, found = screened(officer, anna), screened(officer, anna, HIT)
        with pytest.raises(ScreeningRefused, match="Only a possible match"):
            decided(officer, clear, is_the_listed=True)
        decided(officer, found, is_the_listed=True)
        with pytest.raises(ScreeningRefused, match="decided already"):
            decided(officer, found, is_the_listed=False)

    def test_what_the_list_says_is_sealed_and_opened_on_record(self, officer: User, anna: User) -> None:
        found = screened(officer, anna, HIT)
        with connection.cursor() as cursor:
            cursor.execute("SELECT hit FROM billing_sanctionsscreening WHERE id = %s", [found.pk])
            assert b"Anna" not in bytes(cursor.fetchone()[0])
        assert isinstance(SanctionsScreening.objects.get(pk=found.pk).hit, Sealed)
        revealed = as_officer(
            officer,
            lambda: sanctions_hit_reveal(sanctions_screening_id=found.pk, actor=officer, reason=REASON),
        )
        assert revealed.values == {"hit": HIT}
        assert Event.objects.filter(action="data_revealed", actor_id=officer.pk).exists()
        assert HIT not in str(list(Event.objects.values_list("detail", flat=True)))

    def test_what_was_found_about_a_studio_is_opened_by_a_colleague(self, officer: User) -> None:
        found = screened(officer, None, HIT, studio_id=StudioFactory().pk)
        colleague = staff(Role.COMPLIANCE)

        def opened_by(reader: User) -> Any:
            return as_officer(
                reader,
                lambda: sanctions_hit_reveal(sanctions_screening_id=found.pk, actor=reader, reason=REASON),
            )

        assert opened_by(colleague).values == {"hit": HIT}
        with pytest.raises(RevealRefused):
            opened_by(officer)

    def test_about_oneself_there_is_nothing(self, officer: User) -> None:
        colleague = staff(Role.COMPLIANCE)
        found = screened(colleague, officer, HIT)
        case = opened(colleague, officer)
        with acting(Role.COMPLIANCE, user_id=officer.pk):
            assert not SanctionsScreening.objects.exists()
            assert not KycCase.objects.exists()
        with pytest.raises(NotThere):
            decided(officer, found, is_the_listed=False)
        with pytest.raises(NotThere):
            kyc_case_take(kyc_case_id=case.pk, actor=officer)


class TestCases:
    def test_a_case_is_taken_decided_and_bars_payouts(self, officer: User, anna: User) -> None:
        case = opened(officer, anna)
        assert (case.status, barred(performer_id=anna.pk)) == (KycStatus.OPEN, False)
        kyc_case_take(kyc_case_id=case.pk, actor=officer)
        with pytest.raises(IllegalTransition):
            kyc_case_take(kyc_case_id=case.pk, actor=staff(Role.COMPLIANCE))
        said: dict[str, Any] = {
            "kyc_case_id": case.pk,
            "is_cleared": False,
            "risk": "high",
            "findings": "The passport is forged.",
            "reason": "documents do not hold",
        }
        with pytest.raises(KycCaseRefused, match="A colleague looks into this"):
            kyc_case_decide(**said, actor=staff(Role.COMPLIANCE))
        with pytest.raises(KycCaseRefused, match="what you found out"):
            kyc_case_decide(**{**said, "findings": " "}, actor=officer)
        kyc_case_decide(**said, actor=officer)
        assert barred(performer_id=anna.pk)
        with pytest.raises(IllegalTransition):
            kyc_case_decide(**said, actor=officer)
        revealed = as_officer(
            officer, lambda: kyc_findings_reveal(kyc_case_id=case.pk, actor=officer, reason=REASON)
        )
        assert revealed.values == {"findings": "The passport is forged."}
        second = opened(officer, anna)
        kyc_case_take(kyc_case_id=second.pk, actor=officer)
        kyc_case_decide(**{**said, "kyc_case_id": second.pk, "is_cleared": True}, actor=officer)
        assert not barred(performer_id=anna.pk), "the later case of the same cause counts"

    def test_what_is_no_case(self, officer: User, anna: User) -> None:
        opened(officer, anna)
        others = screened(officer, UserFactory(), HIT)
        for call, words in (
            (lambda: opened(officer, anna), "under way already"),
            (lambda: opened(officer, officer), "about themselves"),
            (lambda: opened(officer, anna, cause="suspicion", due_on=dt.date(2020, 1, 1)), "today or later"),
            (lambda: opened(officer, anna, cause="screening", screening_id=others.pk), "somebody else"),
            (lambda: opened(officer, anna, cause="whim"), "must be one of"),
        ):
            with pytest.raises(KycCaseRefused, match=words):
                call()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ("status = 'cleared'", "decided_check|cannot move"),
            ("status = 'in_review'", "owner_check"),
            (
                "owner_id = (SELECT id FROM accounts_user WHERE handle IS NOT NULL LIMIT 1)",
                "own name|owner_check",
            ),
            ("risk = 'low'", "decided_check"),
            ("opening_reason = 'x'", "permission denied"),
            ("user_id = opened_by_id", "permission denied"),
        ],
    )
    def test_a_case_is_not_talked_away(self, officer: User, anna: User, change: str, message: str) -> None:
        case = opened(officer, anna)
        with (
            pytest.raises((IntegrityError, ProgrammingError), match=message),
            transaction.atomic(),
            acting(Role.COMPLIANCE, user_id=officer.pk),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE billing_kyccase SET {change} WHERE id = %s", [case.pk])


class TestWhoMay:
    @pytest.mark.parametrize("role", [role for role in ACTING_ROLES if role != Role.COMPLIANCE])
    def test_nobody_but_compliance_reads_or_writes(self, officer: User, anna: User, role: Role) -> None:
        screened(officer, anna, HIT)
        opened(officer, anna)
        for table in ("sanctionsscreening", "kyccase"):
            for sql in (f"SELECT * FROM billing_{table}", f"DELETE FROM billing_{table}"):
                with (
                    pytest.raises(ProgrammingError, match="permission denied"),
                    acting(role, user_id=anna.pk),
                    connection.cursor() as cursor,
                ):
                    cursor.execute(sql)
        if role != Role.WORKER:
            with pytest.raises(ProgrammingError, match="permission denied"), acting(role):
                payout_barred(performer_id=anna.pk)

    def test_compliance_writes_in_its_own_name_only(self, officer: User, anna: User) -> None:
        other = staff(Role.COMPLIANCE)
        sql = (
            "INSERT INTO billing_sanctionsscreening (id, user_id, list, list_version, outcome, reason, screened_by_id) "
            "VALUES (uuidv7(), %s, 'eu', '1', 'clear', '', %s)"
        )
        for whom, by, message in (
            (anna.pk, other.pk, "row-level security"),
            (officer.pk, officer.pk, "row-level security|screened_by_check"),
        ):
            with (
                pytest.raises((IntegrityError, ProgrammingError), match=message),
                acting(Role.COMPLIANCE, user_id=officer.pk),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql, [whom, by])
        with acting(Role.COMPLIANCE, user_id=officer.pk):
            found = screened(officer, anna)
            with (
                pytest.raises((IntegrityError, ProgrammingError), match="permission denied"),
                transaction.atomic(),
            ):
                SanctionsScreening.objects.filter(pk=found.pk).update(outcome="confirmed")


class TestRooms:
    def test_screen_decide_and_open_a_case_on_the_pages(self, staff_client: StaffClient, anna: User) -> None:
        browser = staff_client(Role.COMPLIANCE)
        said = {
            "person_text": anna.handle,
            "studio_text": "",
            "sanctions_list": "eu",
            "list_version": "2026-11",
            "hit_text": HIT,
        }
        add = reverse("admin:billing_sanctionsscreening_add")
        assert browser.send(add, said).status_code == 302
        assert (
            "Nobody has the handle"
            in browser.send(add, {**said, "person_text": "nobody_x"}, follow=True).content.decode()
        )
        found = SanctionsScreening.objects.get()
        page = browser.get(
            reverse("admin:billing_sanctionsscreening_change", args=[found.pk])
        ).content.decode()
        assert HIT not in page
        home = browser.get(reverse("admin:index"))
        assert {"Possible matches of sanctions"} <= {
            card.card.title for card in home.context["cards"] if card.number
        }
        action = reverse("admin:billing_sanctionsscreening_action", args=[found.pk, "reveal"])
        shown = browser.send(action, {**browser.fill_in(action), "case_reference": ""})
        assert HIT in shown.content.decode()
        decide = reverse("admin:billing_sanctionsscreening_action", args=[found.pk, "decide"])
        assert browser.do(decide, is_the_listed="no").status_code == 302
        assert found.decisions.get().outcome == ScreeningOutcome.FALSE_MATCH
        case = {
            "person_text": anna.handle,
            "studio_text": "",
            "case_cause": "screening",
            "due": "",
            "reason_text": "a list had a similar name",
        }
        assert browser.send(reverse("admin:billing_kyccase_add"), case).status_code == 302
        opened_case = KycCase.objects.get()
        for name, answers in (
            ("take", {}),
            ("decide", {"is_cleared": "yes", "risk": "low", "findings": "Born in another decade."}),
        ):
            url = reverse("admin:billing_kyccase_action", args=[opened_case.pk, name])
            assert browser.do(url, **answers).status_code == 302
        opened_case.refresh_from_db()
        assert (opened_case.status, opened_case.decided_by) == (KycStatus.CLEARED, browser.user)

    def test_nobody_else_finds_the_rooms(self, staff_client: StaffClient) -> None:
        for role in (Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.SUPPORT):
            browser = staff_client(role)
            for model in ("sanctionsscreening", "kyccase"):
                assert browser.get(reverse(f"admin:billing_{model}_changelist")).status_code == 403

    def test_lists_ask_as_often_for_twenty_rows_as_for_one(
        self, staff_client: StaffClient, officer: User
    ) -> None:
        browser = staff_client(Role.COMPLIANCE)
        urls = [reverse(f"admin:billing_{model}_changelist") for model in ("sanctionsscreening", "kyccase")]

        def more(count: int) -> list[int]:
            for _ in range(count):
                person = UserFactory()
                screened(officer, person, HIT)
                kyc_case_take(kyc_case_id=opened(officer, person).pk, actor=officer)
            found = []
            for url in urls:
                browser.get(url)
                with CaptureQueriesContext(connection) as queries:
                    assert browser.get(url).status_code == 200
                found.append(len(queries))
            return found

        assert more(1) == more(20)


def test_a_person_who_is_erased_is_kept_by_law(officer: User, anna: User) -> None:
    screened(officer, anna, HIT)
    opened(officer, anna)
    kept = as_officer(officer, lambda: survey(anna.pk)).kept
    assert [(line.table, line.rows) for line in kept] == [
        ("billing_sanctionsscreening", 1),
        ("billing_kyccase", 1),
    ]
