"""Admission in the back office: the queue, the performer's page, the examination page, and who may do what there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import SensitiveRead
from core.db.context import acting
from core.db.roles import Role
from performers.models import AttributeDefinition, IdentityRecord, PerformerAlias, PerformerProfile, Studio
from performers.services.admission import application_submit
from performers.services.profiles import performer_profile_change
from tests.browser import Browser
from tests.performers.factories_admission import (
    BORN,
    LEGAL_NAME,
    AttributeFactory,
    LanguageFactory,
    PerformerFactory,
    ResidenceFactory,
    declare,
    declared,
    in_days,
    passport,
    verified,
)
from tests.sql import protected_columns_read

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
REASON = "compared the passport with the declaration"
READERS = (
    Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE,
    Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR,
)  # fmt: skip


def list_of(model: str = "performerprofile") -> str:
    return reverse(f"admin:performers_{model}_changelist")


def page_of(row: Any) -> str:
    return reverse(f"admin:performers_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:performers_{row._meta.model_name}_action", args=[row.pk, name])


def shown(browser: Browser, **asked: str) -> list[Any]:
    return list(browser.get(list_of(), asked).context["cl"].result_list)


@pytest.fixture
def applicant(db: None) -> PerformerProfile:
    """Somebody whose application waits, with everything about her."""
    performer = PerformerFactory(stage_name="Bella Luna", slug="bella-luna")
    ResidenceFactory(performer=performer)
    LanguageFactory(performer=performer)
    AttributeFactory(performer=performer)
    declare(performer, passport(storage_reference="closed/marker"))
    with acting(Role.PERFORMER, user_id=performer.pk):
        performer_profile_change(performer_id=performer.pk, actor=performer.user, headline="Good evening")
        return application_submit(performer_id=performer.pk, actor=performer.user)


def test_from_the_home_page_to_the_verdict(staff_client: StaffClient, applicant: PerformerProfile) -> None:
    browser = staff_client(Role.COMPLIANCE)
    home = browser.get(reverse("admin:index")).content.decode()
    assert "Applications waiting" in home
    assert shown(browser, waiting="applications") == [applicant]
    page = browser.get(page_of(applicant)).content.decode()
    for words in ("Identity documents", "Names", "Country of residence", "Languages", "Attributes", "Trail",
                  "Earlier states", "submitted the application of", "not verified"):  # fmt: skip
        assert words in page, words
    record = IdentityRecord.objects.get()
    examination = browser.get(page_of(record)).content.decode()
    assert "Passport" in examination
    for content in (page, examination):
        assert LEGAL_NAME not in content
        assert "closed/marker" not in content
    revealed = browser.do(action_on(record, "reveal"), reason=REASON, case_reference="A-1").content.decode()
    assert LEGAL_NAME in revealed
    assert BORN.strftime("%Y") in revealed
    assert (
        "closed/marker"
        in browser.do(action_on(record.documents.get(), "reveal"), reason=REASON).content.decode()
    )
    assert SensitiveRead.objects.count() == 2
    refused = browser.do(action_on(applicant, "accept"), reason=REASON)
    assert "Only an adult is accepted" in refused.content.decode()
    done = browser.do(action_on(applicant, "accept"), reason=REASON, adult_at_examination="on")
    assert done.status_code == 302
    assert PerformerProfile.objects.get(pk=applicant.pk).status == "verified"
    assert shown(browser, waiting="applications") == []


def test_rejecting_says_on_which_ground(staff_client: StaffClient, applicant: PerformerProfile) -> None:
    browser = staff_client(Role.COMPLIANCE)
    assert browser.do(action_on(applicant, "reject"), reason=REASON, ground="mismatch").status_code == 302
    assert IdentityRecord.objects.get(verdict="rejected").ground == "mismatch"
    assert "Rejected" in browser.get(page_of(applicant)).content.decode()


def test_ones_own_application_is_for_a_colleague(staff_client: StaffClient) -> None:
    browser = staff_client(Role.COMPLIANCE)
    own = PerformerFactory(user=browser.user, status="submitted")
    record = declared(own)
    page = browser.do(action_on(own, "accept"), reason=REASON, adult_at_examination="on").content.decode()
    assert "your role may not change it" in page or "their own admission" in page
    assert "your own data" in browser.do(action_on(record, "reveal"), reason=REASON).content.decode()
    assert PerformerProfile.objects.get(pk=own.pk).status == "submitted"


def test_the_queue_is_in_the_order_of_submission_page_by_page(
    staff_client: StaffClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from performers.admin.profiles import PerformerProfileAdmin

    monkeypatch.setattr(PerformerProfileAdmin, "list_per_page", 2)
    rows = PerformerFactory.create_batch(5, status="submitted")
    for days, row in enumerate(rows):
        PerformerProfile.objects.filter(pk=row.pk).update(
            submitted_at=timezone.now() - timezone.timedelta(days=days)
        )
    browser = staff_client(Role.COMPLIANCE)
    waiting = {"waiting": "applications"}
    assert shown(browser, **waiting) == [rows[4], rows[3]]
    assert shown(browser, **waiting, after=str(rows[3].pk)) == [rows[2], rows[1]]
    assert shown(browser, **waiting, after=str(rows[1].pk)) == [rows[0]]
    assert shown(browser, **waiting, before=str(rows[1].pk)) == [rows[3], rows[2]]
    assert shown(browser) == [rows[4], rows[3]]


def test_documents_due_and_renewals(staff_client: StaffClient) -> None:
    late, due = verified(in_days(-2)), verified(in_days(20))
    verified(in_days(60))
    declare(due)
    browser = staff_client(Role.COMPLIANCE)
    assert shown(browser, documents="expired") == [late]
    assert shown(browser, documents="due") == [due]
    assert shown(browser, waiting="renewals") == [due]
    home = browser.get(reverse("admin:index")).content.decode()
    assert "Documents that run out" in home
    assert "New documents waiting" in home
    assert staff_client(Role.MODERATOR).get(list_of(), {"documents": "due"}).status_code in (200, 302)


def test_search_by_stage_name_address_handle_and_id(
    staff_client: StaffClient, applicant: PerformerProfile
) -> None:
    PerformerFactory()
    browser = staff_client(Role.SUPPORT)
    for term in ("bella", "BELLA LU", "bella-luna", applicant.user.handle, str(applicant.pk)):
        assert shown(browser, q=term) == [applicant], term
    assert shown(browser, q="nobody") == []
    for term in ("bella-luna", str(applicant.pk)):
        found = browser.get(reverse("admin:search"), {"q": term})
        assert applicant.stage_name in found.content.decode() or found.status_code == 302
    assert "Bella Luna" in browser.get(reverse("admin:search"), {"q": "bella l"}).content.decode()


def test_who_once_had_this_name(staff_client: StaffClient, applicant: PerformerProfile) -> None:
    with acting(Role.PERFORMER, user_id=applicant.pk):
        performer_profile_change(performer_id=applicant.pk, actor=applicant.user, stage_name="Stella")
    browser = staff_client(Role.COMPLIANCE)
    found = browser.get(list_of("performeralias"), {"q": "bella LUNA"}).context["cl"].result_list
    assert [row.performer_id for row in found] == [applicant.pk]
    assert browser.do(action_on(applicant, "alias"), name="Anna Alt", reason=REASON).status_code == 302
    assert PerformerAlias.objects.get(name="Anna Alt").source == "examined"
    assert browser.do(action_on(applicant, "residence"), country="PT", reason=REASON).status_code == 302
    assert applicant.residences.in_force().get().country == "PT"


def test_moderators_take_texts_off_and_see_no_identity(
    staff_client: StaffClient, applicant: PerformerProfile
) -> None:
    browser = staff_client(Role.MODERATOR)
    page = browser.get(page_of(applicant)).content.decode()
    for words in ("Identity documents", "Country of residence", "Names</h2>"):
        assert words not in page
    assert browser.do(action_on(applicant, "correct"), texts=["headline"], reason=REASON).status_code == 302
    assert PerformerProfile.objects.get(pk=applicant.pk).headline == ""
    for name in ("accept", "offboard"):
        assert browser.get(action_on(applicant, name)).status_code == 403


@pytest.mark.parametrize("role", READERS)
def test_every_role_sees_its_page(staff_client: StaffClient, applicant: PerformerProfile, role: Role) -> None:
    browser = staff_client(role)
    assert browser.get(list_of()).status_code == 200
    assert browser.get(page_of(applicant)).status_code == 200
    allowed = role in (Role.COMPLIANCE, Role.AUDITOR)
    for model in ("identityrecord", "identitydocument", "performeralias"):
        assert browser.get(list_of(model)).status_code == (200 if allowed else 403)
    record = IdentityRecord.objects.get()
    expected = 200 if role is Role.COMPLIANCE else 403
    assert browser.get(action_on(record, "reveal")).status_code == expected


def test_attributes_are_defined_and_retired(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    url = reverse("admin:performers_attributedefinition_add")
    answers = {
        "code": "sign", "label": "Sign", "kind": "choice", "unit": "", "choice_lines": "aries\nvirgo",
        "note": "asked for by many",
    }  # fmt: skip
    assert browser.send(url, {**answers, "choice_lines": "aries"}).status_code == 200
    assert browser.send(url, answers).status_code == 302
    assert "There is an attribute with this code" in browser.send(url, answers).content.decode()
    made = AttributeDefinition.objects.get()
    assert made.choices == ["aries", "virgo"]
    assert browser.do(action_on(made, "retire"), reason=REASON).status_code == 302
    assert staff_client(Role.MODERATOR).get(url).status_code == 403


def test_reading_a_sealed_column_would_be_noticed() -> None:
    records = IdentityRecord.objects.select_related("declaration")
    assert protected_columns_read(str(IdentityRecord.objects.only("legal_name").query)) == {
        "performers_identityrecord.legal_name"
    }
    only_above = records.defer("legal_name", "birth_date")
    assert protected_columns_read(str(only_above.query)) == {
        "performers_identityrecord.legal_name",
        "performers_identityrecord.birth_date",
    }, "under an alias"
    assert protected_columns_read(str(Studio.objects.all().query)) == set(), (
        "a column of that name which is not sealed"
    )


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_and_the_page_ask_the_same_number_of_queries(
    staff_client: StaffClient, applicant: PerformerProfile, rows: int, django_assert_max_num_queries: Callable
) -> None:
    for number in range(rows):
        verified()
        LanguageFactory(performer=applicant, language=f"q{chr(97 + number)}")
        AttributeFactory(performer=applicant)
    browser = staff_client(Role.COMPLIANCE)
    for url, most in (
        (list_of(), 12),
        (list_of("identityrecord"), 12),
        (list_of("identitydocument"), 12),
        (list_of("performeralias"), 12),
        (page_of(applicant), 30),
        (reverse("admin:index"), 19),
    ):
        browser.get(url)
        with django_assert_max_num_queries(most) as asked:
            assert browser.get(url).status_code == 200
        assert not any("crypt." in query["sql"] for query in asked.captured_queries)
        read = {column for query in asked.captured_queries for column in protected_columns_read(query["sql"])}
        assert read == set(), url
