"""The rooms of notifications: editor with preview and differences, delivery log, suppressions."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from core.db.roles import Role
from engagement.models import (
    DeliveryAttempt,
    DeliverySuppression,
    NotificationEvent,
    NotificationTemplate,
    NotificationTrigger,
    TemplateVersion,
)
from engagement.notification_choices import DeliveryStatus
from tests.accounts.factories import staff
from tests.browser import Browser
from tests.engagement.notifications_data import deliveries, person, security, spread

pytestmark = pytest.mark.django_db

REASON = "the mail box works again"


@pytest.fixture
def support(staff_client: Callable[..., Browser]) -> Browser:
    return staff_client(Role.SUPPORT)


@pytest.fixture
def administrator(staff_client: Callable[..., Browser]) -> Browser:
    return staff_client(Role.ADMINISTRATOR)


def url(model: Any, page: str, *arguments: Any) -> str:
    return reverse(f"admin:engagement_{model._meta.model_name}_{page}", args=arguments)


def failed(address: str = "bob@example.com") -> DeliveryAttempt:
    """A delivery that was given up."""
    user = person(address)
    spread(security(user))
    (delivery,) = deliveries(user)
    for status in (DeliveryStatus.SENDING, DeliveryStatus.FAILED):
        values = {} if status == DeliveryStatus.SENDING else {"next_try_at": None}
        DeliveryAttempt.objects.filter(pk=delivery.pk).update(status=status, **values)
    return delivery


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_ask_the_same_number_of_queries(
    support: Browser, rows: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(rows):
        failed(f"bob{number}@example.com")
    for model in (
        DeliveryAttempt,
        NotificationEvent,
        NotificationTrigger,
        NotificationTemplate,
        TemplateVersion,
        DeliverySuppression,
    ):
        with django_assert_max_num_queries(14):
            response = support.get(url(model, "changelist"))
        assert response.status_code == 200, model


def test_pages_open_and_show_nothing_of_what_people_read(support: Browser) -> None:
    delivery = failed()
    for model in (
        DeliveryAttempt,
        NotificationEvent,
        NotificationTrigger,
        NotificationTemplate,
        TemplateVersion,
    ):
        row = model.objects.order_by("-pk").first()
        response = support.get(url(model, "change", row.pk))
        assert response.status_code == 200, model
        if model in (DeliveryAttempt, NotificationEvent):
            assert b"Your password was changed." not in response.content
            assert b"bob@example.com" not in response.content
    person_page = support.get(reverse("admin:accounts_user_change", args=[delivery.recipient_id]))
    assert b"security_notice" in person_page.content


def test_the_log_is_narrowed_and_a_delivery_tried_again(support: Browser) -> None:
    delivery, other = failed(), failed("eve@example.com")
    log = url(DeliveryAttempt, "changelist")
    found = support.get(f"{log}?status__exact=failed&recipient={delivery.recipient.handle}")
    assert str(delivery.pk).encode() in found.content
    assert str(other.pk).encode() not in found.content
    assert str(delivery.pk).encode() not in support.get(f"{log}?channel__exact=web_push").content
    response = support.do(url(DeliveryAttempt, "action", delivery.pk, "retry"), reason=REASON)
    assert response.status_code == 302
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries) == (DeliveryStatus.QUEUED, 0)


def test_a_wording_is_written_previewed_compared_and_published(
    administrator: Browser, staff_client: Callable[..., Browser]
) -> None:
    template = NotificationTemplate.objects.get(trigger__code="performer_live", channel="in_app", locale="en")
    add = f"{url(TemplateVersion, 'add')}?template={template.pk}"
    assert b"{{ performer }} is live" in administrator.get(add).content
    form = {
        "trigger": template.trigger_id,
        "channel": "in_app",
        "locale": "en",
        "subject": "{{ performer }} is on air",
        "body": "{{ title }}",
    }
    refused = administrator.send(add, {**form, "body": "{{ shoe }}"})
    assert b"There is no variable shoe here" in refused.content
    refused = administrator.send(add, {**form, "body": "<script>alert(1)</script>"})
    assert b"A template is plain text" in refused.content
    assert not TemplateVersion.objects.filter(status="draft").exists()
    assert administrator.send(add, form).status_code == 302
    draft = TemplateVersion.objects.get(status="draft")
    page = administrator.get(url(TemplateVersion, "change", draft.pk)).content.decode()
    assert "<strong>Ann is on air</strong>" in page
    assert "-subject: {{ performer }} is live" in page
    assert "+subject: {{ performer }} is on air" in page
    publish = url(TemplateVersion, "action", draft.pk, "publish")
    assert administrator.get(publish).status_code == 302
    draft.refresh_from_db()
    assert draft.status == "draft"
    colleague = staff_client(Role.ADMINISTRATOR)
    assert colleague.do(publish).status_code == 302
    draft.refresh_from_db()
    assert draft.status == "published"


def test_an_address_is_suppressed_found_and_freed(support: Browser) -> None:
    add = url(DeliverySuppression, "add")
    form = {"email": "Bob@Example.com", "reason_given": "the owner rang and asked for it"}
    assert support.send(add, form).status_code == 302
    row = DeliverySuppression.objects.get()
    assert (row.reason, row.lifted_at) == ("staff", None)
    again = support.send(add, form)
    assert again.status_code == 302
    assert b"already" in support.get(again["Location"]).content
    found = support.get(f"{url(DeliverySuppression, 'changelist')}?q=bob@example.com")
    assert str(row.pk).encode() in found.content
    lift = url(DeliverySuppression, "action", row.pk, "lift")
    assert support.do(lift, reason=REASON).status_code == 302
    row.refresh_from_db()
    assert isinstance(row.lifted_by, User)


def test_who_has_no_business_there_sees_nothing(staff_client: Callable[..., Browser]) -> None:
    moderator = staff_client(Role.MODERATOR)
    for model in (DeliveryAttempt, NotificationEvent, TemplateVersion, DeliverySuppression):
        assert moderator.get(url(model, "changelist")).status_code == 403
    assert staff(Role.SUPPORT) is not None
