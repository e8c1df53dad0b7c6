"""Statements of reasons: what they say, and what of them the transparency database takes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.decision_errors import RecordInvalid
from audit.effects import EffectRequest
from audit.models import StatementOfReasons
from audit.moderation_choices import EffectKind, PolicyGround
from audit.services.reports import report_file
from audit.transparency_records import CATEGORIES, EEA, as_transparency_record, record_problems
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import REASONS, make_case, make_policy, make_report, violation
from tests.audit.factories_moderation import make_archive

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> User:
    return staff(Role.LEAD_MODERATOR)


def statement_of(case: Any, lead: User, *effects: Any, **options: Any) -> StatementOfReasons:
    decision = violation(case, lead, *effects, role=Role.LEAD_MODERATOR, **options)
    return StatementOfReasons.objects.get(decision=decision)


def test_a_statement_says_all_that_the_law_asks_for(lead: User) -> None:
    archive, reporter = make_archive(), UserFactory(handle="the_reporter")
    case = make_case(archive, "archive", reporter=reporter)
    wording = make_policy(points=1)
    statement = statement_of(case, lead, EffectKind.ARCHIVE_REMOVE, EffectKind.BAR_STREAM, wording=wording)
    assert statement.restriction_words.splitlines() == [
        "The archive is removed.",
        "You may not stream, until it is lifted.",
    ]
    assert statement.facts == REASONS
    assert (statement.source, statement.automated_detection, statement.automated_decision) == (
        "user",
        False,
        "none",
    )
    assert statement.ground_reference.startswith(f"Terms and conditions, {wording.policy.code}, version 1")
    assert wording.text in statement.ground_explanation
    assert statement.content_date == archive.published_at
    assert f"{statement.decision.appeal_until:%Y-%m-%d %H:%M} UTC" in statement.redress
    for way in ("complain to us", "dispute settlement body", "court"):
        assert way in statement.redress
    assert (statement.ends_at, statement.starts_at) == (None, statement.decision.decided_at)
    written = " ".join(str(value) for value in vars(statement).values())
    assert reporter.handle not in written
    assert lead.handle not in written


def test_the_last_end_counts_and_one_without_end_leaves_it_open(lead: User) -> None:
    soon, later = (timezone.now() + timedelta(days=days) for days in (3, 9))
    chat = EffectRequest(kind=EffectKind.BAR_CHAT, ends_at=soon)
    tip = EffectRequest(kind=EffectKind.BAR_TIP, ends_at=later)
    assert statement_of(make_case(), lead, chat, tip, EffectKind.WARN).ends_at == later
    assert statement_of(make_case(), lead, chat, EffectKind.BAR_TIP).ends_at is None


def test_from_whom_it_came(lead: User) -> None:
    for source, organisation in (("trusted_flagger", "Hotline"), ("authority", "Police")):
        person = UserFactory()
        case = make_case(person)
        with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
            report_file(
                subject_kind="person", subject_id=person.pk, category="hate", source=source, actor=lead,
                words="see our file", organisation=organisation,
            )  # fmt: skip
        case.refresh_from_db()
        statement = statement_of(case, lead, EffectKind.BAR_CHAT)
        assert statement.source == source
        assert organisation not in statement.facts
    machine = UserFactory()
    with acting(Role.WORKER):
        report = report_file(
            subject_kind="person", subject_id=machine.pk, category="spam", source="automatic", actor=None,
            detector="links 1.2", confidence="0.9",
        )  # fmt: skip
    statement = statement_of(report.case, lead, EffectKind.BAR_CHAT)
    assert (statement.source, statement.automated_detection) == (None, True)
    record = as_transparency_record(statement)
    assert (record["source_type"], record["automated_detection"]) == ("SOURCE_VOLUNTARY", "Yes")


def test_the_record_of_the_transparency_database(lead: User) -> None:
    archive = make_archive()
    end = timezone.now() + timedelta(days=9)
    statement = statement_of(
        make_case(archive, "archive"),
        lead,
        EffectKind.ARCHIVE_REMOVE,
        EffectRequest(kind=EffectKind.BAR_STREAM, ends_at=end),
        EffectRequest(kind=EffectKind.BAR_TIP, ends_at=end),
        EffectRequest(kind=EffectKind.SUSPEND),
        territories=("FR", "US"),
        automated_decision="partial",
    )
    record = as_transparency_record(statement)
    day = f"{statement.starts_at:%Y-%m-%d}"
    reference, explanation = statement.ground_reference, statement.ground_explanation
    assert record == {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_monetary": "DECISION_MONETARY_SUSPENSION",
        "decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION",
        "decision_account": "DECISION_ACCOUNT_SUSPENDED",
        "end_date_monetary_restriction": f"{end:%Y-%m-%d}",
        "end_date_service_restriction": f"{end:%Y-%m-%d}",
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": reference,
        "incompatible_content_explanation": explanation,
        "incompatible_content_illegal": "No",
        "category": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
        "content_type": ["CONTENT_TYPE_VIDEO"],
        "content_date": f"{archive.published_at:%Y-%m-%d}",
        "territorial_scope": ["FR"],
        "content_language": "EN",
        "application_date": day,
        "decision_facts": REASONS,
        "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
        "puid": f"VBL-{statement.decision_id.hex.upper()}",
    }


def test_a_law_as_ground_and_a_person_as_content(lead: User) -> None:
    wording = make_policy(ground="law", legal_reference="Penal code, article 185")
    case = make_case()
    make_report(User.objects.get(pk=case.person_id))
    record = as_transparency_record(statement_of(case, lead, EffectKind.BAR_CHAT, wording=wording))
    assert record["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert record["illegal_content_legal_ground"] == "Penal code, article 185"
    assert (record["content_type"], record["content_type_other"]) == (["CONTENT_TYPE_OTHER"], "Account")
    assert record["territorial_scope"] == list(EEA)
    assert "incompatible_content_ground" not in record


def test_a_record_that_the_database_would_refuse_is_named_whole(lead: User) -> None:
    wording = make_policy(transparency_category="STATEMENT_CATEGORY_NOTHING")
    statement = statement_of(make_case(), lead, EffectKind.BAR_CHAT, wording=wording, territories=("US",))
    with pytest.raises(
        RecordInvalid, match=r"no category of the database; it holds in no country"
    ) as refusal:
        as_transparency_record(statement)
    assert len(refusal.value.problems) == 2
    assert "it names no restriction" in record_problems({})
    assert len(EEA) == 30
    assert len(CATEGORIES) == 16


@pytest.mark.parametrize("ground", [PolicyGround.LAW, PolicyGround.TERMS, ""])
def test_a_record_without_a_ground_is_refused(lead: User, ground: str) -> None:
    statement = statement_of(make_case(), lead, EffectKind.BAR_CHAT)
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementOfReasons.objects.filter(pk=statement.pk).update(ground="")
    statement.ground, statement.ground_reference, statement.ground_explanation = ground, " ", ""
    with pytest.raises(RecordInvalid) as refusal:
        as_transparency_record(statement)
    if ground:
        name = "illegal" if ground == PolicyGround.LAW else "incompatible"
        assert len(refusal.value.problems) == 2
        assert all(problem.startswith(f"{name}_content_") for problem in refusal.value.problems)
    else:
        assert refusal.value.problems == ("it names no ground",)


def test_only_a_warning_needs_no_statement(lead: User) -> None:
    decision = violation(make_case(), lead, role=Role.LEAD_MODERATOR)
    assert not StatementOfReasons.objects.exists()
    assert decision.notifications.get(kind="statement").words.startswith("You are warned.")
