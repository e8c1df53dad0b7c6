"""Wordings: drafted by one, published by another, never changed from then on, in raw SQL either."""

from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from core.errors import NotPermitted, StaleVersion
from engagement.models import NotificationTemplate, NotificationTrigger, TemplateVersion
from engagement.notification_errors import TemplateRefused
from engagement.notifications.wording import wording_for, wordings_of
from engagement.services.notification_templates import (
    template_discard,
    template_draft,
    template_preview,
    template_publish,
    template_revise,
    trigger_route,
)
from tests.accounts.factories import staff
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def writers() -> tuple[User, User]:
    return staff(Role.ADMINISTRATOR), staff(Role.ADMINISTRATOR)


def trigger(code: str = "performer_live") -> NotificationTrigger:
    return NotificationTrigger.objects.get(code=code)


def draft(writer: User, **words: Any) -> TemplateVersion:
    """A draft of the wording in the app."""
    options = {
        "channel": "in_app",
        "locale": "de",
        "subject": "{{ performer }} ist live",
        "body": "{{ title }}",
    }
    with acting(Role.ADMINISTRATOR, user_id=writer.pk):
        return template_draft(trigger_id=trigger().pk, actor=writer, **{**options, **words})


def test_every_trigger_has_words_for_its_channels_and_each_can_be_rendered() -> None:
    for kind in NotificationTrigger.objects.all():
        wordings = wordings_of(kind)
        for channel in kind.channels:
            assert wording_for(wordings, channel, "xx") is not None, (kind.code, channel)
    for version in TemplateVersion.objects.select_related("template__trigger"):
        assert template_preview(version).subject


def test_a_draft_is_published_by_a_colleague_and_takes_the_place_of_the_one_before(
    writers: tuple[User, User],
) -> None:
    ann, bob = writers
    first = draft(ann)
    assert wording_for(wordings_of(trigger()), "in_app", "de-AT").locale == "en"  # type: ignore[union-attr, arg-type]
    with acting(Role.ADMINISTRATOR, user_id=ann.pk):
        with pytest.raises(NotPermitted):
            template_publish(version_id=first.pk, actor=ann)
        template_revise(
            version_id=first.pk,
            subject="{{ performer }}: live",
            body="{{ title }}",
            actor=ann,
            expected_version=1,
        )
        with pytest.raises(StaleVersion):
            template_revise(version_id=first.pk, subject="x", body="y", actor=ann, expected_version=1)
    with acting(Role.ADMINISTRATOR, user_id=bob.pk):
        published = template_publish(version_id=first.pk, actor=bob)
    assert published.published_by_id == bob.pk
    second = draft(bob, subject="{{ performer }} sendet")
    assert (first.number, second.number) == (1, 2)
    with acting(Role.ADMINISTRATOR, user_id=ann.pk):
        template_publish(version_id=second.pk, actor=ann)
    used = wording_for(wordings_of(trigger()), "in_app", "de-AT")  # type: ignore[arg-type]
    assert used is not None
    assert (used.version_id, used.subject) == (second.pk, "{{ performer }} sendet")


@pytest.mark.parametrize(
    "words",
    [
        {"subject": "{{ shoe }}"},
        {"body": "{{ performer|safe }}"},
        {"body": "<script>alert(1)</script>"},
        {"body": "{% load x %}"},
        {"subject": "two\nlines"},
        {"subject": "\u202egnirts"},
        {"subject": ""},
        {"body": "nul\u0000"},
        {"locale": "Deutsch"},
        {"channel": "pigeon"},
    ],
)
def test_a_wording_with_an_unknown_variable_or_a_script_is_refused(
    writers: tuple[User, User], words: dict[str, str]
) -> None:
    before = NotificationTemplate.objects.count(), TemplateVersion.objects.count()
    with pytest.raises(TemplateRefused):
        draft(writers[0], **words)
    assert (NotificationTemplate.objects.count(), TemplateVersion.objects.count()) == before


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{{ shoe }}", "no variable shoe"),
        ("{{ performer }} {{ Performer }}", "nothing but"),
        ("{% x %}", "nothing but"),
        ("${x}", "nothing but"),
        ("<SCRIPT src=x>", "plain text"),
        ("<!--", "plain text"),
        ("click javascript:x", "plain text"),
    ],
)
def test_the_database_refuses_the_same_wordings(writers: tuple[User, User], body: str, sentence: str) -> None:
    version = draft(writers[0])
    with acting(Role.ADMINISTRATOR, user_id=writers[0].pk), refused(sentence):
        run("UPDATE engagement_templateversion SET body = %s WHERE id = %s", [body, version.pk])


def test_what_is_published_is_for_good_whoever_asks(writers: tuple[User, User]) -> None:
    published = TemplateVersion.objects.published().first()
    assert published is not None
    for statement in (
        "UPDATE engagement_templateversion SET body = 'x' WHERE id = %s",
        "UPDATE engagement_templateversion SET status = 'draft' WHERE id = %s",
        "DELETE FROM engagement_templateversion WHERE id = %s",
    ):
        with refused("never changes"):
            run(statement, [published.pk])
        with acting(Role.ADMINISTRATOR, user_id=writers[0].pk):
            assert affected(statement, [published.pk]) == 0
    with refused("four_eyes_check"):
        own = draft(writers[0])
        with acting(Role.ADMINISTRATOR, user_id=writers[0].pk):
            run("UPDATE engagement_templateversion SET status = 'published' WHERE id = %s", [own.pk])


def test_one_draft_at_a_time_and_nobody_else_writes(writers: tuple[User, User]) -> None:
    ann, bob = writers
    first = draft(ann)
    with pytest.raises(TemplateRefused, match="has a draft already"):
        draft(bob)
    support = staff(Role.SUPPORT)
    with acting(Role.SUPPORT, user_id=support.pk), refused("permission denied"):
        run("UPDATE engagement_templateversion SET body = 'x'")
    with acting(Role.ADMINISTRATOR, user_id=ann.pk):
        template_discard(version_id=first.pk, actor=ann, reason="it is not needed any more")
    assert not TemplateVersion.objects.filter(template__locale="de").exists()


def test_channels_are_chosen_and_the_app_is_always_among_them(writers: tuple[User, User]) -> None:
    ann = writers[0]
    with acting(Role.ADMINISTRATOR, user_id=ann.pk):
        changed = trigger_route(
            trigger_id=trigger().pk, channels=["email"], actor=ann, reason="too many pushes"
        )
        assert changed.channels == ["in_app", "email"]
        with pytest.raises(TemplateRefused):
            trigger_route(trigger_id=trigger().pk, channels=["pigeon"], actor=ann, reason="for fun")
        with refused("channels_check"):
            run("UPDATE engagement_notificationtrigger SET channels = '{email}'")
    with refused("is_mandatory_check"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE engagement_notificationtrigger DISABLE TRIGGER USER")
        cursor.execute("UPDATE engagement_notificationtrigger SET is_mandatory = false")
