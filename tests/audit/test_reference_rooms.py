"""The rooms of policies, queues and rules: who reads, who writes, what is refused, how often they ask."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.admin.reference.spans import SpanField
from audit.models import Event, ModerationPolicy, PolicyVersion, Queue, QueueRule
from core.db.roles import Role
from tests.audit.bulk_rows import make_cases, make_ground, make_queue
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
MODELS = ("moderationpolicy", "policyversion", "queue", "queuerule")
WORDS = {
    "title": "Begging",
    "text": "Nobody begs for money in private messages.",
    "ground": "terms",
    "legal_reference": "",
    "transparency_category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "severity": "low",
    "strike_points": "3",
    "strike_days": "90",
}


def address(model: str, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:audit_{model}_{page}", args=args)


def action_on(row: Any, name: str) -> str:
    return address(row._meta.model_name, "action", row.pk, name)


def errors_of(response: Any) -> str:
    assert response.status_code == 200
    form = response.context["adminform"].form
    return " ".join(sentence for sentences in form.errors.values() for sentence in sentences)


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        (Role.MODERATOR, True, ()),
        (Role.LEAD_MODERATOR, True, MODELS),
        (Role.COMPLIANCE, True, ("moderationpolicy", "policyversion")),
        (Role.AUDITOR, True, ()),
        (Role.ADMINISTRATOR, True, ()),
        (Role.FINANCE, False, ()),
    ],
)
def test_who_reads_and_who_writes(
    staff_client: StaffClient, role: Role, reads: bool, writes: tuple[str, ...]
) -> None:
    browser = staff_client(role)
    rows = {
        "moderationpolicy": make_ground().policy,
        "policyversion": make_ground(),
        "queue": make_queue(),
        "queuerule": QueueRule.objects.order_by("position")[0],
    }
    for model, row in rows.items():
        for page in (address(model), address(model, "change", row.pk)):
            assert browser.get(page).status_code == (200 if reads else 403), (role, page)
        assert browser.get(address(model, "add")).status_code == (200 if model in writes else 403), (
            role,
            model,
        )


@pytest.mark.parametrize("model", MODELS)
def test_lists_ask_as_often_with_many_rows(staff_client: StaffClient, model: str) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    counts = []
    for _ in range(2):
        for _ in range(10):
            make_ground()
            queue = make_queue()
            last = QueueRule.objects.order_by("-position")[0].position
            QueueRule.objects.create(name=f"Rule {last + 1}", position=last + 1, queue=queue)
        browser.get(address(model))
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address(model)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_policy_from_the_draft_to_its_retirement(staff_client: StaffClient) -> None:
    author, colleague = staff_client(Role.LEAD_MODERATOR), staff_client(Role.COMPLIANCE)
    made = author.send(
        address("moderationpolicy", "add"), {"code": "begging", "parent": "", "categories": ["spam"], **WORDS}
    )
    assert made.status_code == 302
    policy = ModerationPolicy.objects.get(code="begging")
    draft = policy.versions.get()
    assert (draft.title, draft.status, draft.drafted_by) == ("Begging", "draft", author.user)
    assert "Policies in draft" in colleague.get(reverse("admin:index")).content.decode()

    page = author.get(address("policyversion", "change", draft.pk))
    assert [action.name for action, _ in page.context["object_actions"]] == ["discard"]
    assert author.get(action_on(draft, "publish")).status_code == 302

    revised = author.send(
        address("policyversion", "change", draft.pk),
        {**WORDS, "title": "Begging for money", "seen_version": str(draft.version)},
    )
    assert revised.status_code == 302
    stale = author.send(
        address("policyversion", "change", draft.pk),
        {**WORDS, "title": "Too late", "seen_version": str(draft.version)},
        follow=True,
    )
    assert "Somebody changed this" in stale.content.decode()
    assert PolicyVersion.objects.get(pk=draft.pk).title == "Begging for money"

    assert colleague.do(action_on(draft, "publish"), effective_at="").status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.published_by) == ("published", colleague.user)
    assert colleague.send(address("policyversion", "change", draft.pk), WORDS).status_code == 403

    form = author.get(address("policyversion", "add") + f"?policy={policy.pk}").context["adminform"].form
    assert form.initial["title"] == "Begging for money"
    second = author.send(
        address("policyversion", "add"), {**WORDS, "policy": str(policy.pk), "text": "Nobody begs, at all."}
    )
    assert second.status_code == 302
    newest = policy.versions.get(number=2)
    differences = author.get(address("policyversion", "change", newest.pk)).content.decode()
    assert "+Nobody begs, at all." in differences and "-Nobody begs for money" in differences
    tree = author.get(address("moderationpolicy")).content.decode()
    assert "In force, a draft waits" in tree
    assert author.do(action_on(newest, "discard")).status_code == 302
    assert not policy.versions.filter(number=2).exists()

    assert author.do(action_on(policy, "assign"), categories=["fraud", "other"]).status_code == 302
    assert ModerationPolicy.objects.get(pk=policy.pk).categories == ["fraud", "other"]
    assert author.do(action_on(policy, "retire")).status_code == 302
    assert "Retired" in author.get(address("moderationpolicy")).content.decode()
    actions = Event.objects.filter(subject_id=policy.pk).order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "policy_drafted",
        "policy_revised",
        "policy_published",
        "policy_drafted",
        "policy_discarded",
        "policy_assigned",
        "policy_retired",
    ]


def test_a_policy_that_makes_no_sense_is_refused(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    for fields, words in (
        ({"code": "Begging!"}, "small letters"),
        ({"ground": "law"}, "names law and article"),
        ({"strike_points": "101"}, "less than or equal to 100"),
        ({"transparency_category": "scams"}, "as the transparency database"),
    ):
        values = {"code": "begging", "parent": "", **WORDS, **fields}
        response = browser.send(address("moderationpolicy", "add"), values, follow=True)
        assert words in response.content.decode(), fields
    assert not ModerationPolicy.objects.filter(code="begging").exists()


QUEUE = {"name": "Slow things", "description": "", "position": "70", "due_within": "2 d 12 h"}


def test_a_queue_is_made_and_changed(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    assert browser.send(address("queue", "add"), {"code": "slow", **QUEUE}).status_code == 302
    queue = Queue.objects.get(code="slow")
    assert (queue.due_within, queue.leads_only) == (timedelta(hours=60), False)
    page = address("queue", "change", queue.pk)
    assert 'value="2 d 12 h"' in browser.get(page).content.decode()
    values = {**QUEUE, "is_active": "on", "seen_version": str(queue.version), "leads_only": "on"}
    assert "at least 10 characters" in errors_of(browser.send(page, {**values, "reason": "Yes."}))
    changed = browser.send(page, {**values, "reason": "Only leads know these."})
    assert changed.status_code == 302
    assert Queue.objects.get(pk=queue.pk).leads_only
    event = Event.objects.get(action="queue_changed")
    assert event.changed == ["leads_only"]
    stale = browser.send(page, {**values, "name": "Other", "reason": "Another name for it."}, follow=True)
    assert "Somebody changed this queue" in stale.content.decode()


def test_a_queue_in_use_is_not_closed(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    queue = make_queue()
    make_cases(1, queue=queue)
    values = {"name": queue.name, "description": "", "position": "100", "due_within": "1 d"}
    closed = browser.send(
        address("queue", "change", queue.pk),
        {**values, "seen_version": str(queue.version), "reason": "Nobody needs it."},
        follow=True,
    )
    assert "Cases wait in this queue" in closed.content.decode()
    assert Queue.objects.get(pk=queue.pk).is_active


RULE = {
    "name": "Many reports of spam",
    "position": "900",
    "is_active": "on",
    "categories": ["spam"],
    "least_reports": "3",
    "least_strike_points": "0",
    "points": "50",
    "queue": "",
    "due_within": "",
}


def test_a_rule_is_previewed_made_changed_and_deleted(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    make_cases(2, categories=["spam"], report_count=3)
    make_cases(1, categories=["spam"], report_count=2)
    make_cases(1, categories=["hate"], report_count=9)
    preview = browser.send(address("queuerule", "add"), {**RULE, "_preview": "1"})
    assert "matches 2 of the cases that wait now" in errors_of(preview)
    narrowed = browser.send(
        address("queuerule", "add"), {**RULE, "_preview": "1", "least_strike_points": "5"}
    )
    assert "before its condition about strikes" in errors_of(narrowed)
    assert not QueueRule.objects.filter(position=900).exists()
    assert browser.send(address("queuerule", "add"), RULE).status_code == 302
    rule = QueueRule.objects.get(position=900)
    page = address("queuerule", "change", rule.pk)
    shown = browser.get(page).content.decode()
    assert "2 of the cases that wait now" in shown
    assert "Spam; 3 reports or more" in browser.get(address("queuerule")).content.decode()
    queue = make_queue()
    values = {**RULE, "queue": str(queue.pk), "due_within": "4 h", "seen_version": str(rule.version)}
    assert browser.send(page, {**values, "reason": "These have a queue now."}).status_code == 302
    rule.refresh_from_db()
    assert (rule.queue, rule.due_within, rule.categories) == (queue, timedelta(hours=4), ["spam"])
    assert Event.objects.get(action="queue_rule_changed").changed == ["due_within", "queue_id"]
    assert browser.do(action_on(rule, "delete-rule")).status_code == 302
    assert not QueueRule.objects.filter(position=900).exists()


def test_two_rules_do_not_stand_in_one_place(staff_client: StaffClient) -> None:
    taken = QueueRule.objects.order_by("position")[0].position
    browser = staff_client(Role.LEAD_MODERATOR)
    response = browser.send(address("queuerule", "add"), {**RULE, "position": str(taken)})
    assert "same place" in errors_of(response)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30 min", timedelta(minutes=30)),
        ("4h", timedelta(hours=4)),
        (" 2 d 12 h ", timedelta(hours=60)),
    ],
)
def test_spans_are_written_as_people_say_them(text: str, span: timedelta) -> None:
    assert SpanField().clean(text) == span


@pytest.mark.parametrize("text", ["", "4", "h", "4 weeks", "-1 h", "1 h 1", "1e3 h", "9999999 d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(forms.ValidationError):
        SpanField().clean(text)
