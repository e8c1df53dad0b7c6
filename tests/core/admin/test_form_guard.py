"""Every form says in which role it was opened, and is refused in another."""

import re
from html.parser import HTMLParser

import pytest
from django.template import engines
from django.urls import reverse

from core.admin.site import backoffice
from core.db.roles import STAFF_ROLES, Role

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="(/[^"#?]*)')


class Forms(HTMLParser):
    """Collects the POST forms of a page with the names and values of their inputs."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append({"method": attrs.get("method", "get").lower(), "inputs": {}})
        elif tag == "input" and self.forms and "name" in attrs:
            self.forms[-1]["inputs"][attrs["name"]] = attrs.get("value")


def posting(response):
    return [form for form in Forms(response.content.decode()).forms if form["method"] == "post"]


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_every_form_of_every_page_carries_the_role(staff, person, role):
    """Crawls from the home page through all that the role can reach, objects and actions included."""
    client = staff(role, Role.MODERATOR) if role is not Role.MODERATOR else staff(role, Role.AUDITOR)
    person("somebody")
    waiting, seen = ["/", "/role/", "/search/?q=zzz", "/password_change/"], set()
    for model in backoffice._registry:
        info = model._meta.app_label, model._meta.model_name
        waiting.append(reverse("admin:{}_{}_changelist".format(*info)))
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith("/static/"):
            continue
        seen.add(path)
        response = client.get(path)
        assert response.status_code in (200, 302, 403), path
        if response.status_code != 200 or "html" not in response["Content-Type"]:
            continue
        forms = posting(response)
        assert forms, f"{path} lacks even the form to sign out"
        for form in forms:
            assert form["inputs"].get("acting_role") == role.short, path
            assert "csrfmiddlewaretoken" in form["inputs"], path
        waiting += LINK.findall(response.content.decode())
    assert len(seen) > 5


@pytest.mark.urls("tests.core.admin.rooms")
@pytest.mark.parametrize("opened", ["auditor", "", "no-such-role", None])
def test_a_form_opened_in_another_role_saves_nothing(moderator, person, opened):
    somebody = person("somebody")
    path = reverse("admin:accounts_user_action", args=[somebody.pk, "bar"])
    page = moderator.get(path)
    inputs = next(form["inputs"] for form in posting(page) if "submission" in form["inputs"])
    data = {**inputs, "kind": "chat", "reason": "a reason of good length"}
    data.pop("acting_role")
    if opened is not None:
        data["acting_role"] = opened
    refused = moderator.post(path, data)
    assert refused.status_code == 409
    words = refused.content.decode()
    assert "You are now acting as <strong>Moderator</strong>" in words
    assert "Nothing was saved" in words
    assert ("<strong>Auditor</strong>" in words) == (opened == "auditor")
    assert f'href="{path}"' in words
    assert not somebody.restrictions.exists()
    assert moderator.post(path, {**data, "acting_role": "moderator"}).status_code == 302
    assert somebody.restrictions.exists()


def test_even_forms_inside_inclusion_tags_carry_the_role(rf):
    template = engines["django"].from_string("{% load back_office %}{% csrf_token %}")
    request = rf.get("/")
    assert "acting_role" not in template.render({}, request), "a visitor acts in no role"
    request.acting_role = Role.FINANCE
    assert '<input type="hidden" name="acting_role" value="finance">' in template.render({}, request)
