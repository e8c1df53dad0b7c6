"""Previews of bulk jobs: what would be refused, and what is refused at once."""

import pytest

from accounts.models import User
from audit.errors import BulkRefused
from audit.models import BulkItem, BulkJob, Decision
from audit.moderation_choices import BulkStatus, EffectKind
from audit.services.bulk_jobs import bulk_job_preview
from audit.services.cases import case_escalate
from audit.services.decisions import case_decide
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.factories import staff
from tests.audit.bulk_rows import make_ground
from tests.audit.bulk_steps import REASONS, preview
from tests.audit.factories_moderation import claimed, make_archive, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(db: None) -> User:
    return staff(Role.MODERATOR)


@pytest.fixture
def leah(db: None) -> User:
    return staff(Role.LEAD_MODERATOR)


def test_a_preview_says_what_would_be_refused_and_decides_nothing(mona: User, leah: User) -> None:
    free, held, decided, escalated, own = [make_case() for _ in range(5)]
    archive = make_case(make_archive(), kind="archive")
    claimed(held, leah, Role.LEAD_MODERATOR)
    claimed(own, mona)
    with acting(Role.MODERATOR, user_id=mona.pk):
        case_decide(case_id=decided.pk, actor=mona, outcome="no_violation", reasons="Nothing wrong here.")
        case_escalate(case_id=escalated.pk, actor=mona, route="lead", reason="Too difficult for me.")
    job = preview(
        mona,
        [free, held, decided, escalated, own, archive],
        outcome="violation",
        policy_version_id=make_ground().pk,
        effects=[EffectKind.ARCHIVE_REMOVE],
    )
    foreseen = dict(BulkItem.objects.filter(job=job).values_list("case", "foreseen"))
    assert "A colleague holds it until" in foreseen[held.pk]
    assert "closed already" in foreseen[decided.pk]
    assert "escalated" in foreseen[escalated.pk]
    assert "None of the effects applies" in foreseen[free.pk] == foreseen[own.pk]
    assert foreseen[archive.pk] == ""
    assert (job.status, job.item_count, job.acting_role) == (BulkStatus.PREVIEWED, 6, Role.MODERATOR)
    assert Decision.objects.exclude(case=decided).count() == 0


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "Choose at least one"), (1001, "more than 1,000 cases"), (10**6, "more than 1,000")],
)
def test_too_few_or_too_many(mona: User, count: int, words: str) -> None:
    with acting(Role.MODERATOR, user_id=mona.pk), pytest.raises(BulkRefused, match=words):
        bulk_job_preview(
            title="Spam",
            case_ids=(uuid7() for _ in range(count)),
            outcome="no_violation",
            reasons=REASONS,
            actor=mona,
        )
    assert not BulkJob.objects.exists()


def test_cases_that_are_not_there_are_named(mona: User) -> None:
    about_me, there = make_case(mona), make_case()
    with pytest.raises(BulkRefused, match=about_me.reference):
        preview(mona, [there, about_me])
    assert not BulkJob.objects.exists()


def test_what_contradicts_itself_is_refused(mona: User) -> None:
    case, ground = make_case(), make_ground().pk
    for options, words in (
        ({"outcome": "violation", "effects": ["warn"]}, "names its ground"),
        ({"outcome": "violation", "policy_version_id": ground}, "at least one effect"),
        ({"policy_version_id": ground}, "no violation has neither"),
        (
            {
                "outcome": "violation",
                "policy_version_id": ground,
                "effects": ["archive_remove", "archive_restrict"],
            },
            "contradict each other",
        ),
        ({"outcome": "violation", "policy_version_id": uuid7(), "effects": ["warn"]}, "no such version"),
        ({"outcome": "violation", "policy_version_id": ground, "effects": ["suspend"]}, "30 days"),
        ({"outcome": "violation", "policy_version_id": ground, "effects": ["vanish"]}, "not all effects"),
        ({"reasons": "  "}, "says why"),
        ({"title": "x"}, "3 to 120"),
    ):
        with pytest.raises(BulkRefused, match=words):
            preview(mona, [case], **options)
    assert not BulkJob.objects.exists()
