"""What is not allowed is published once, by somebody else than its author, and never changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import ModerationPolicy, PolicyVersion
from audit.moderation_errors import PolicyRefused
from audit.services.moderation_policies import (
    Wording,
    policy_add,
    policy_assign,
    policy_discard,
    policy_draft,
    policy_publish,
    policy_retire,
    policy_revise,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import StaleVersion
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import policy_version
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

WORDING = Wording(
    title="Gambling",
    text="No games for money.",
    transparency_category="STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    severity="low",
    strike_points=5,
    strike_days=90,
)


@pytest.fixture
def author():
    return staff(Role.LEAD_MODERATOR)


@pytest.fixture
def publisher():
    return staff(Role.LEAD_MODERATOR)


def as_lead(person):
    return acting(Role.LEAD_MODERATOR, user_id=person.pk)


def test_what_came_with_the_platform_holds_and_names_its_laws() -> None:
    versions = list(PolicyVersion.objects.in_force().select_related("policy"))
    assert len(versions) == ModerationPolicy.objects.count() == 17
    assert all(version.legal_reference for version in versions if version.ground == "law")
    assert {version.transparency_category.startswith("STATEMENT_CATEGORY_") for version in versions} == {True}
    # Every category of reports leads to one policy.
    categories = [category for version in versions for category in version.policy.categories]
    assert len(categories) == len(set(categories)) == 16


def test_drafted_by_one_published_by_another_and_never_changed(author, publisher) -> None:
    with as_lead(author):
        draft = policy_add(code="gambling", wording=WORDING, actor=author, parent_id=None)
        assert (draft.number, draft.status, draft.drafted_by_id) == (1, "draft", author.pk)
        with pytest.raises(PolicyRefused, match="Somebody else publishes"):
            policy_publish(policy_version_id=draft.pk, actor=author)
        with refused("four_eyes"):
            run(
                "UPDATE audit_policyversion SET status = 'published', effective_at = now() WHERE id = %s",
                [draft.pk],
            )
    with as_lead(publisher):
        revised = policy_revise(
            policy_version_id=draft.pk,
            wording=Wording(**{**WORDING.__dict__, "strike_points": 7}),
            actor=publisher,
            expected_version=1,
        )
        with pytest.raises(StaleVersion):
            policy_publish(policy_version_id=draft.pk, actor=publisher, expected_version=1)
        version = policy_publish(
            policy_version_id=draft.pk, actor=publisher, expected_version=revised.version
        )
        assert (version.status, version.published_by_id, version.strike_points) == (
            "published",
            publisher.pk,
            7,
        )
        # No policy of the role lets a published version be changed, so nothing is hit.
        assert affected("UPDATE audit_policyversion SET title = 'Other' WHERE id = %s", [version.pk]) == 0
        assert affected("DELETE FROM audit_policyversion WHERE id = %s", [version.pk]) == 0
        with pytest.raises(NotThere):
            policy_revise(policy_version_id=version.pk, wording=WORDING, actor=publisher)
    for statement in ("UPDATE audit_policyversion SET title = 'Other'", "DELETE FROM audit_policyversion"):
        with refused("never changes"):
            run(f"{statement} WHERE id = %s", [version.pk])
    assert PolicyVersion.objects.in_force().get(pk=version.pk).title == "Gambling"


def test_versions_are_counted_one_draft_at_a_time_and_hold_in_their_order(author, publisher) -> None:
    first = policy_version("hate")
    with as_lead(author):
        draft = policy_draft(policy_id=first.policy_id, wording=WORDING, actor=author)
        assert draft.number == 2
        with pytest.raises(PolicyRefused, match="has a draft already"):
            policy_draft(policy_id=first.policy_id, wording=WORDING, actor=author)
        policy_discard(policy_version_id=draft.pk, actor=author, reason="thought better of it")
        draft = policy_draft(policy_id=first.policy_id, wording=WORDING, actor=author)
    later = timezone.now() + timedelta(days=30)
    with as_lead(publisher):
        with pytest.raises(PolicyRefused, match="never for what is past"):
            policy_publish(
                policy_version_id=draft.pk, actor=publisher, effective_at=timezone.now() - timedelta(days=1)
            )
        policy_publish(policy_version_id=draft.pk, actor=publisher, effective_at=later)
    in_force = PolicyVersion.objects.in_force()
    assert in_force.filter(policy=first.policy_id).get() == first
    assert PolicyVersion.objects.in_force(later).filter(policy=first.policy_id).get() == draft
    with as_lead(publisher):
        third = policy_draft(policy_id=first.policy_id, wording=WORDING, actor=publisher)
    with as_lead(author), pytest.raises(PolicyRefused, match="begins to hold before"):
        policy_publish(policy_version_id=third.pk, actor=author)


def test_a_retired_policy_stays_and_gets_no_further_version(author) -> None:
    policy = ModerationPolicy.objects.get(code="deception.spam")
    parent = ModerationPolicy.objects.get(code="deception")
    with as_lead(author):
        with pytest.raises(PolicyRefused, match="Policies below deception are in use"):
            policy_retire(policy_id=parent.pk, actor=author, reason="merged")
        policy_retire(policy_id=policy.pk, actor=author, reason="merged with another")
        with pytest.raises(PolicyRefused, match="retired already"):
            policy_retire(policy_id=policy.pk, actor=author, reason="again")
        with pytest.raises(PolicyRefused, match="is retired"):
            policy_draft(policy_id=policy.pk, wording=WORDING, actor=author)
        with refused("is retired"):
            run("UPDATE audit_moderationpolicy SET retired_at = NULL WHERE id = %s", [policy.pk])
    assert policy.versions.published().count() == 1


def test_policies_form_a_tree_by_codes_that_never_change(author) -> None:
    with as_lead(author):
        with pytest.raises(PolicyRefused, match="There is a policy of this code"):
            policy_add(code="hate", wording=WORDING, actor=author)
        with pytest.raises(PolicyRefused, match="small letters"):
            policy_add(code="Hate!", wording=WORDING, actor=author)
        with pytest.raises(PolicyRefused, match="names law and article"):
            policy_add(code="new", wording=Wording(**{**WORDING.__dict__, "ground": "law"}), actor=author)
        with pytest.raises(PolicyRefused, match="no categories"):
            policy_assign(
                policy_id=ModerationPolicy.objects.get(code="hate").pk, categories=["weather"], actor=author
            )
    assert not ModerationPolicy.objects.filter(code="new").exists()
    with refused("cannot be changed"):
        run("UPDATE audit_moderationpolicy SET code = 'other' WHERE code = 'hate'")


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.SUPPORT, Role.AUDITOR, Role.VIEWER])
def test_others_read_what_is_published_and_write_nothing(role: Role) -> None:
    person = UserFactory() if role == Role.VIEWER else staff(role)
    with acting(role, user_id=person.pk):
        assert PolicyVersion.objects.count() == 17
        for statement in (
            "UPDATE audit_policyversion SET title = 'x'",
            "DELETE FROM audit_policyversion",
            "INSERT INTO audit_moderationpolicy (code, categories) VALUES ('x', '{}')",
        ):
            with refused("permission denied"):
                run(statement)


def test_viewers_do_not_read_drafts(author) -> None:
    with as_lead(author):
        policy_add(code="gambling", wording=WORDING, actor=author)
    with acting(Role.VIEWER, user_id=UserFactory().pk):
        assert not PolicyVersion.objects.filter(title="Gambling").exists()
    with acting(Role.MODERATOR, user_id=staff(Role.MODERATOR).pk):
        assert PolicyVersion.objects.filter(title="Gambling").exists()
