"""Filings to authorities: from the draft to the answer, and what each refusal says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from audit.errors import HoldRefused
from audit.filing_choices import FilingKind
from audit.filing_errors import FilingRefused, OwnFiling
from audit.filing_rules import FILING_RULES, statutory_due
from audit.models import ComplianceFiling, Event, FilingTransition, LegalHold, SecurityEvent, SensitiveRead
from audit.services.filed_filings import (
    filing_amend,
    filing_answer,
    filing_file,
    filing_preserve,
    filing_words_reveal,
    filings_tell_overdue,
)
from audit.services.filings import (
    LONGEST,
    filing_approve,
    filing_drop,
    filing_prepare,
    filing_return,
    filing_revise,
    filing_submit,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.encryption.reveal import RevealRefused
from core.errors import IllegalTransition, StaleVersion
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import make_archive, make_case, make_performer, without_triggers
from tests.audit.filing_steps import SECRET, WHY, approved, as_compliance, filed, prepared, submitted
from tests.audit.takedowns import received
from tests.sql import run

pytestmark = pytest.mark.django_db


def by(user: User, service: Callable[..., Any], filing: ComplianceFiling, **arguments: Any) -> Any:
    with as_compliance(user):
        return service(filing_id=filing.pk, actor=user, reason=WHY, **arguments)


def again(filing: ComplianceFiling) -> ComplianceFiling:
    return ComplianceFiling.objects.get(pk=filing.pk)


def actions_about(filing: ComplianceFiling) -> list[str]:
    return list(Event.objects.filter(subject_id=filing.pk).order_by("pk").values_list("action", flat=True))


class TestLife:
    def test_from_draft_to_answer(self) -> None:
        author, approver, filer = (staff(Role.COMPLIANCE) for _ in range(3))
        person = UserFactory()
        filing = prepared(author, person_id=person.pk, words="")
        assert filing.reference.startswith("CF-") and filing.status == "draft"
        assert filing.authority == "NCMEC CyberTipline"
        by(author, filing_revise, filing, words=SECRET)
        by(author, filing_submit, filing)
        by(approver, filing_approve, filing)
        filing = by(filer, filing_file, filing, authority_reference=" CT-9031 ")
        assert (filing.status, filing.authority_reference, filing.is_late) == ("filed", "CT-9031", False)
        assert (filing.prepared_by, filing.approved_by, filing.filed_by) == (author, approver, filer)
        filing = by(filer, filing_answer, filing, outcome="acknowledged")
        assert filing.status == "closed" and filing.outcome_at is not None
        moves = FilingTransition.objects.filter(filing=filing).order_by("pk")
        assert [(move.from_status, move.to_status) for move in moves] == [
            (None, "draft"),
            ("draft", "submitted"),
            ("submitted", "approved"),
            ("approved", "filed"),
            ("filed", "closed"),
        ]
        assert [move.actor for move in moves] == [author, author, approver, filer, filer]
        assert actions_about(filing) == [
            "filing_prepared",
            "filing_revised",
            "filing_submitted",
            "filing_approved",
            "filing_filed",
            "filing_preserved",
            "filing_answered",
        ]
        assert set(Event.objects.filter(subject_id=filing.pk).values_list("area", flat=True)) == {
            "compliance"
        }

    def test_a_report_to_the_cybertipline_keeps_the_person_for_a_year(self) -> None:
        filing = filed()
        hold = LegalHold.objects.get(scope_id=filing.person_id)
        assert again(filing).hold == hold
        assert hold.authority == "NCMEC CyberTipline" and hold.reference == "CT-1"
        assert "2258A(h)" in hold.basis
        assert timedelta(days=364) < hold.valid.upper - timezone.now() <= timedelta(days=365)

    def test_others_are_preserved_when_somebody_says_so(self) -> None:
        filing = submitted(kind="suspected_offence", authority="Landeskriminalamt Hamburg")
        assert not LegalHold.objects.exists()
        kept = by(staff(Role.COMPLIANCE), filing_preserve, filing)
        assert kept.hold.valid.upper is None and kept.hold.reference == filing.reference
        with pytest.raises(FilingRefused, match="Prolong that one"):
            by(staff(Role.COMPLIANCE), filing_preserve, filing)
        with pytest.raises(FilingRefused, match="about nobody"):
            by(staff(Role.COMPLIANCE), filing_preserve, prepared(kind="data_breach", authority="HmbBfDI"))

    def test_a_hold_that_cannot_be_placed_leaves_the_filing_unfiled(self) -> None:
        first = filed(receipt="CT-1")
        filing = approved(person_id=first.person_id)
        with without_triggers("audit_compliancefiling"):
            run("UPDATE audit_compliancefiling SET authority_reference = 'CT-0' WHERE id = %s", [first.pk])
        with pytest.raises(HoldRefused, match="has a hold on this already"):
            by(filing.prepared_by, filing_file, filing, authority_reference="CT-1")
        assert again(filing).status == "approved"

    def test_the_person_of_a_case_is_whom_it_is_about(self) -> None:
        case = make_case()
        assert prepared(case_id=case.pk).person_id == case.person_id
        with pytest.raises(FilingRefused, match="This case is about somebody else"):
            prepared(case_id=case.pk, person_id=UserFactory().pk)

    def test_an_amendment_is_a_new_version_and_takes_the_place(self) -> None:
        before = filed(kind="data_breach", authority="HmbBfDI", receipt="B-1")
        author, approver = staff(Role.COMPLIANCE), staff(Role.COMPLIANCE)
        after = by(author, filing_amend, before, words="Forty more people are concerned.")
        assert (after.number, after.amends_id, after.status) == (2, before.pk, "draft")
        assert after.due_at > before.due_at
        with pytest.raises(FilingRefused, match="under way"):
            by(approver, filing_amend, before)
        assert again(before).status == "filed"
        by(author, filing_submit, after)
        by(approver, filing_approve, after)
        by(author, filing_file, after, authority_reference="B-1/2")
        assert (again(before).status, again(before).authority_reference) == ("amended", "B-1")
        with pytest.raises(FilingRefused, match="Amend that one"):
            by(author, filing_amend, before)
        third = by(author, filing_amend, after)
        assert third.number == 3
        by(approver, filing_drop, third)
        assert by(author, filing_amend, after).number == 3, "what was dropped stands in nobody's way"

    def test_sent_back_it_is_approved_anew(self) -> None:
        filing = approved()
        filing = by(staff(Role.COMPLIANCE), filing_return, filing)
        assert (filing.status, filing.approved_by, filing.submitted_at) == ("draft", None, None)
        with pytest.raises(IllegalTransition):
            by(staff(Role.COMPLIANCE), filing_approve, filing)

    def test_what_came_late_says_so(self) -> None:
        filing = approved(aware_at=timezone.now() - timedelta(days=3))
        filing = by(filing.prepared_by, filing_file, filing, authority_reference="CT-2")
        assert filing.is_late


class TestDeadlines:
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        kind=st.sampled_from([kind for kind in FilingKind if FILING_RULES[kind].within]),
        minutes=st.integers(0, 1_000_000),
    )
    def test_the_database_and_the_rules_agree(self, kind: FilingKind, minutes: int) -> None:
        aware_at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        filing = prepared(kind=kind.value, aware_at=aware_at, authority="An authority")
        assert filing.due_at == statutory_due(kind, aware_at)

    def test_a_breach_is_due_within_72_hours(self) -> None:
        aware = datetime(2026, 3, 27, 17, 30, tzinfo=UTC)
        filing = prepared(kind="data_breach", authority="HmbBfDI", aware_at=aware)
        assert filing.due_at == datetime(2026, 3, 30, 17, 30, tzinfo=UTC)

    def test_a_tax_report_is_due_at_the_end_of_january(self) -> None:
        filing = prepared(kind="tax_report", authority="BZSt", aware_at=None, reporting_year=2025)
        assert (
            filing.due_at
            == datetime(2026, 2, 1, tzinfo=UTC)
            == statutory_due("tax_report", filing.aware_at, 2025)
        )
        with pytest.raises(FilingRefused, match="on record already"):
            prepared(kind="tax_report", authority="BZSt", aware_at=None, reporting_year=2025)

    def test_an_earlier_date_may_be_given_and_a_later_one_by_an_order_alone(self) -> None:
        now = timezone.now()
        assert prepared(due_at=now + timedelta(hours=3)).due_at == now + timedelta(hours=3)
        with pytest.raises(FilingRefused, match="The law wants it earlier"):
            prepared(due_at=now + timedelta(days=9))
        order = prepared(kind="authority_order", authority="BNetzA", due_at=now + timedelta(days=9))
        assert order.due_at == now + timedelta(days=9)

    def test_overdue_ones_are_told_once_a_day(self) -> None:
        late = prepared(aware_at=timezone.now() - timedelta(days=2))
        prepared()
        filed(aware_at=timezone.now() - timedelta(days=2))
        said = StringIO()
        call_command("filings_due", "--dry-run", stdout=said)
        assert f"{late}: Report of apparent" in said.getvalue() and "1 filings overdue" in said.getvalue()
        assert not SecurityEvent.objects.filter(kind="filing_overdue").exists()
        call_command("filings_due", stdout=said)
        assert "1 filings overdue, 1 told" in said.getvalue()
        (event,) = SecurityEvent.objects.filter(kind="filing_overdue")
        assert event.detail == {"filing": str(late.pk), "kind": "child_safety", "status": "draft"}
        with acting(Role.WORKER):
            assert filings_tell_overdue() == 0
        assert again(late).version == late.version, "telling makes no form stale"
        with without_triggers("audit_compliancefiling"):
            run("UPDATE audit_compliancefiling SET overdue_told_at = now() - interval '25 hours'")
        with acting(Role.WORKER):
            assert filings_tell_overdue() == 1


class TestFourEyes:
    def test_no_author_approves_or_drops(self) -> None:
        author, second = staff(Role.COMPLIANCE), staff(Role.COMPLIANCE)
        filing = prepared(author)
        by(second, filing_revise, filing, words="Written by a second one.")
        by(author, filing_submit, filing)
        for writer in (author, second):
            for service in (filing_approve, filing_drop):
                with pytest.raises(OwnFiling, match="Ask a colleague"):
                    by(writer, service, filing)
        assert by(staff(Role.COMPLIANCE), filing_drop, filing).status == "dropped"

    def test_nobody_handles_what_is_about_themselves(self) -> None:
        officer = staff(Role.COMPLIANCE)
        with pytest.raises(OwnFiling):
            prepared(officer, person_id=officer.pk)
        with pytest.raises(OwnFiling):
            prepared(officer, case_id=make_case(officer).pk)
        with pytest.raises(FilingRefused, match="about yourself"):
            notice = received(make_archive(make_performer(officer)))
            prepared(officer, kind="authority_order", authority="A court", takedown_id=notice.pk)
        about = submitted(person_id=officer.pk)
        with pytest.raises(NotThere):
            by(officer, filing_approve, about)


class TestWords:
    def test_they_are_encrypted_and_opened_on_record(self) -> None:
        filing, reader = prepared(), staff(Role.COMPLIANCE)
        ((stored,),) = run("SELECT words FROM audit_compliancefiling WHERE id = %s", [filing.pk])
        assert SECRET.encode() not in bytes(stored)
        assert by(reader, filing_words_reveal, filing).values == {"words": SECRET}
        reading = SensitiveRead.objects.get()
        assert (reading.actor, reading.person_id) == (reader, filing.person_id)
        with pytest.raises(RevealRefused, match="at least 10"), as_compliance(reader):
            filing_words_reveal(filing_id=filing.pk, actor=reader, reason="why")

    def test_an_author_opens_their_own_words_about_nobody(self) -> None:
        filing = prepared(kind="data_breach", authority="HmbBfDI")
        author, reader = filing.prepared_by, staff(Role.COMPLIANCE)
        assert by(author, filing_words_reveal, filing).values == {"words": SECRET}
        assert "filing_words_opened" in actions_about(filing) and not SensitiveRead.objects.exists()
        with pytest.raises(RevealRefused, match="at least 10"), as_compliance(author):
            filing_words_reveal(filing_id=filing.pk, actor=author, reason="why")
        assert by(reader, filing_words_reveal, filing).values == {"words": SECRET}
        assert SensitiveRead.objects.get().person_id == author.pk

    def test_whom_it_is_about_opens_nothing(self) -> None:
        officer = staff(Role.COMPLIANCE)
        with pytest.raises(NotThere):
            by(officer, filing_words_reveal, prepared(person_id=officer.pk))
        with pytest.raises(NotThere, match="Nothing is written"):
            by(officer, filing_words_reveal, prepared(words=""))


class TestBadInput:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"kind": "gossip"}, "A filing is one of"),
            ({"person_id": None}, "Name the person or the case"),
            ({"aware_at": None}, "when the house became aware"),
            ({"aware_at": timezone.now() + timedelta(days=1)}, "lies in the future"),
            ({"kind": "tax_report", "authority": "BZSt"}, "Give the year"),
            ({"kind": "tax_report", "authority": "BZSt", "reporting_year": 1914}, "reporting year"),
            ({"reporting_year": 2025}, "reporting year"),
            ({"kind": "data_breach"}, "Name the authority"),
            ({"authority": "\u202eevil"}, "plain text on one line"),
            ({"legal_basis": "x" * 301}, "300 characters"),
            ({"words": "x" * (LONGEST + 1)}, "at most 20,000"),
            ({"words": "nul \x00 nul"}, "cannot be stored"),
            ({"due_at": timezone.now() - timedelta(days=1)}, "due after the house became aware"),
        ],
    )
    def test_when_preparing(self, fields: dict[str, Any], words: str) -> None:
        with pytest.raises(FilingRefused, match=words):
            prepared(**fields)
        assert not ComplianceFiling.objects.exists()

    def test_unknown_people_and_cases(self) -> None:
        with pytest.raises(NotThere, match="nobody with this id"):
            prepared(person_id=uuid7())
        with pytest.raises(NotThere, match="no such case"):
            prepared(case_id=uuid7())
        officer = staff(Role.COMPLIANCE)
        with as_compliance(officer), pytest.raises(NotThere):
            filing_submit(filing_id=uuid7(), actor=officer, reason=WHY)

    def test_when_filing(self) -> None:
        filing, officer = approved(), staff(Role.COMPLIANCE)
        for receipt, at, words in (
            ("  ", None, "number or receipt"),
            ("CT-1", timezone.now() - timedelta(hours=2), "cannot have been filed before"),
            ("CT-1", timezone.now() + timedelta(hours=2), "lies in the future"),
            ("x" * 101, None, "100 characters"),
        ):
            with pytest.raises(FilingRefused, match=words):
                by(officer, filing_file, filing, authority_reference=receipt, filed_at=at)
        with pytest.raises(StaleVersion):
            by(officer, filing_file, filing, authority_reference="CT-1", expected_version=1)
        filed(receipt="CT-1")
        with pytest.raises(FilingRefused, match="on record already"):
            by(officer, filing_file, filing, authority_reference="CT-1")
        assert again(filing).status == "approved"

    def test_when_nothing_is_written_or_it_is_too_late(self) -> None:
        officer = staff(Role.COMPLIANCE)
        empty = prepared(words="  ")
        with pytest.raises(FilingRefused, match="Write what is reported first"):
            by(empty.prepared_by, filing_submit, empty)
        with pytest.raises(FilingRefused, match="Write what is reported"):
            by(officer, filing_revise, empty, words="  ")
        out = filed()
        for service, arguments, refusal, words in (
            (filing_revise, {"words": "Otherwise."}, FilingRefused, "Only a draft is rewritten"),
            (filing_drop, {}, IllegalTransition, "This is filed"),
            (filing_return, {}, IllegalTransition, "This is filed"),
            (filing_answer, {"outcome": "joy"}, FilingRefused, "answer is one of"),
            (
                filing_answer,
                {"outcome": "no_action", "outcome_at": timezone.now() - timedelta(days=1)},
                FilingRefused,
                "after it was filed",
            ),
            (
                filing_answer,
                {"outcome": "no_action", "outcome_at": timezone.now() + timedelta(days=1)},
                FilingRefused,
                "lies in the future",
            ),
        ):
            with pytest.raises(refusal, match=words):
                by(officer, service, out, **arguments)
        with pytest.raises(FilingRefused, match="Revise the draft instead"):
            by(officer, filing_amend, empty)
        with pytest.raises(IllegalTransition):
            by(officer, filing_answer, empty, outcome="no_action")


def test_prepare_takes_names_that_are_not_enums() -> None:
    officer, person = staff(Role.COMPLIANCE), UserFactory()
    with as_compliance(officer):
        filing = filing_prepare(
            kind="suspicious_transaction",
            aware_at=timezone.now(),
            person_id=person.pk,
            actor=officer,
            reason=WHY,
        )
    assert (filing.authority, filing.legal_basis) == ("FinCEN", "31 CFR 1022.320")
