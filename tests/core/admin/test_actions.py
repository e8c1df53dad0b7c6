"""Named actions: confirmed, carried out once, refused in words, never half-done."""

from html import unescape

import pytest
from django.core import signing
from django.db import connection
from django.urls import reverse

from accounts.models import Restriction, User
from accounts.services.restrictions import restriction_place
from core.admin.actions import ConfirmedAction
from core.admin.submissions import LIFETIME
from core.db.roles import Role
from core.models.identity import uuid7
from core.models.submission import Submission
from tests.core.admin.test_form_guard import posting

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.admin.rooms")]
REASON = "insulted three people in chat"


def where(user, action="bar"):
    return reverse("admin:accounts_user_action", args=[user.pk, action])


def opened(client, path):
    """The hidden inputs of a confirmation page."""
    return next(form["inputs"] for form in posting(client.get(path)) if "submission" in form["inputs"])


def words(response):
    return unescape(response.content.decode())


def confirm(client, user, action="bar", **data):
    form = opened(client, where(user, action))
    return client.post(where(user, action), {**form, "kind": "chat", "reason": REASON, **data})


@pytest.fixture
def somebody(person):
    return person("somebody")


def test_the_page_says_what_will_happen_and_to_whom(moderator, somebody):
    page = words(moderator.get(where(somebody)))
    assert "somebody will be barred." in page
    assert "<h1>Bar: somebody</h1>" in page
    assert 'for="id_reason"' in page
    assert page.count("autofocus") == 1
    assert not Restriction.objects.exists(), "looking changes nothing"


def test_carrying_out_redirects_to_the_object_and_says_so(moderator, somebody):
    response = confirm(moderator, somebody)
    assert response.url == reverse("admin:accounts_user_change", args=[somebody.pk])
    page = words(moderator.get(response.url))
    assert "somebody is barred." in page
    assert 'role="status"' in page
    restriction = Restriction.objects.get()
    assert (restriction.user, restriction.decided_by, restriction.reason) == (
        somebody,
        moderator.user,
        REASON,
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"reason": ""}, "Give a reason."),
        ({"reason": "too short"}, "Give a reason of at least 10 characters."),
        ({"reason": "          x"}, "Give a reason of at least 10 characters."),
        ({"reason": "x" * 2001}, "at most 2000 characters"),
        ({"reason": "ten\x00characters"}, "Null characters are not allowed."),
        ({"kind": "flying"}, "Select a valid choice."),
    ],
)
def test_a_form_that_is_not_filled_in_comes_back_with_what_was_typed(moderator, somebody, data, sentence):
    page = confirm(moderator, somebody, **data)
    assert page.status_code == 200
    assert sentence in words(page)
    assert not Restriction.objects.exists()
    again = next(form["inputs"] for form in posting(page) if "submission" in form["inputs"])
    sent = moderator.post(where(somebody), {**again, "kind": "chat", "reason": REASON})
    assert sent.status_code == 302, "the same form can be sent once it is right"


@pytest.mark.parametrize(
    "reason", ["وصف السبب باللغة العربية", "😡😡😡😡 spam, again", "O'Hara; DROP TABLE users"]
)
def test_reasons_may_be_written_in_any_script(moderator, somebody, reason):
    confirm(moderator, somebody, reason=reason)
    assert Restriction.objects.get().reason == reason


def test_the_same_form_sent_twice_is_done_once(moderator, somebody):
    form = {**opened(moderator, where(somebody)), "kind": "chat", "reason": REASON}
    assert moderator.post(where(somebody), form).status_code == 302
    second = moderator.post(where(somebody), form, follow=True)
    assert "This was done already; sending the form again did nothing." in words(second)
    assert Restriction.objects.count() == 1


def test_what_was_refused_can_be_sent_again(moderator, somebody):
    confirm(moderator, somebody, "refuse")
    assert not Submission.objects.exists(), "the token is spent only with the act"


@pytest.mark.parametrize("token", ["", "made-up", "x" * 5000])
def test_a_form_without_its_token_is_refused_in_words(moderator, somebody, token):
    page = confirm(moderator, somebody, submission=token)
    assert "Nothing was saved; open it again." in words(page)
    assert not Restriction.objects.exists()


def test_a_token_serves_one_person_one_object_and_a_day_at_most(
    moderator, somebody, person, staff, monkeypatch
):
    token = opened(moderator, where(somebody))["submission"]
    other = person("other")
    assert "belongs to something else" in words(confirm(moderator, other, submission=token))
    colleague = staff(Role.COMPLIANCE)
    assert "belongs to something else" in words(confirm(colleague, somebody, submission=token))
    later = signing.time.time() + LIFETIME + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert "open for too long" in words(confirm(moderator, somebody, submission=token))
    assert not Restriction.objects.exists()


def test_two_staff_at_once_the_second_hears_who_was_first(moderator, staff, somebody):
    lea = staff(Role.COMPLIANCE, handle="lea")
    form = opened(moderator, where(somebody))
    assert confirm(lea, somebody).status_code == 302
    page = moderator.post(where(somebody), {**form, "kind": "stream", "reason": REASON})
    assert "lea changed this person at" in words(page)
    assert "nothing was saved" in words(page)
    assert f'href="{where(somebody)}"' in words(page)
    assert Restriction.objects.count() == 1


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "99999999999999999999", "1.0"])
def test_a_version_that_was_tampered_with_counts_as_stale(moderator, somebody, version):
    page = confirm(moderator, somebody, version=version)
    assert page.status_code == 200
    assert "nothing was saved" in words(page)
    assert not Restriction.objects.exists()


def test_a_refusal_is_shown_by_the_form_and_nothing_is_left(moderator, somebody):
    page = confirm(moderator, somebody, "refuse")
    assert "The moon is in the wrong quarter." in words(page)
    assert 'role="alert"' in words(page)
    assert REASON in words(page)
    assert not Restriction.objects.exists()
    somebody.refresh_from_db()
    assert somebody.status == "active"


def test_a_constraint_speaks_in_its_own_sentence(moderator, somebody):
    page = confirm(moderator, somebody, "constraint")
    assert "A restriction of this kind already covers part of that period." in words(page)
    assert not Restriction.objects.exists()


def test_a_deferred_constraint_speaks_before_the_request_ends(moderator, somebody):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE dangling (id uuid CONSTRAINT dangling_fkey REFERENCES core_submission "
            "DEFERRABLE INITIALLY DEFERRED)"
        )
        cursor.execute("GRANT INSERT ON dangling TO vbl_moderator")
    page = confirm(moderator, somebody, "at-commit")
    assert page.status_code == 200
    assert "dangling_fkey" in words(page) or "violates foreign key" in words(page)
    assert not Restriction.objects.exists()


def test_a_fault_is_a_fault_and_leaves_nothing(moderator, somebody):
    moderator.raise_request_exception = False
    page = confirm(moderator, somebody, "crash")
    assert page.status_code == 500
    assert "Something broke on our side" in words(page)
    assert not Restriction.objects.exists()


def test_buttons_show_what_the_role_may_do_and_what_makes_sense(moderator, somebody):
    page = words(moderator.get(reverse("admin:accounts_user_change", args=[somebody.pk])))
    assert f'href="{where(somebody)}"' in page
    assert where(somebody, "forbidden") not in page
    assert where(somebody, "never") not in page


def test_what_the_role_may_not_do_is_403_by_address_too(moderator, somebody):
    assert moderator.get(where(somebody, "forbidden")).status_code == 403
    assert moderator.send(where(somebody, "forbidden"), {"kind": "chat", "reason": REASON}).status_code == 403
    assert not Restriction.objects.exists()


def test_what_does_not_apply_leads_back_with_a_word(moderator, somebody):
    page = moderator.get(where(somebody, "never"), follow=True)
    assert "does not apply to somebody as it is now" in words(page)


@pytest.mark.parametrize("path", ["/accounts/user/{}/do/no-such/", "/accounts/user/nonsense/do/bar/"])
def test_actions_that_do_not_exist_are_404(moderator, somebody, path):
    assert moderator.get(path.format(somebody.pk)).status_code == 404
    assert moderator.send(path.format(somebody.pk)).status_code == 404


def test_an_object_that_is_gone_is_404(moderator):
    assert moderator.get(where(User(pk=uuid7()))).status_code == 404


# Several at once


def choose(client, action, users, **data):
    return client.send(
        "/accounts/user/", {"action": action, "index": 0, "_selected_action": [u.pk for u in users], **data}
    )


def test_several_are_asked_about_and_then_done(moderator, person):
    users = [person(f"one_of_{n}") for n in range(3)]
    page = choose(moderator, "bar", users)
    assert "3 people" in words(page)
    assert not Restriction.objects.exists()
    (form,) = [item["inputs"] for item in posting(page) if "submission" in item["inputs"]]
    form |= {"_selected_action": [user.pk for user in users], "kind": "chat", "reason": REASON}
    done = moderator.post("/accounts/user/", form, follow=True)
    assert "Bar: done for 3." in words(done)
    assert Restriction.objects.count() == 3
    again = moderator.post("/accounts/user/", form, follow=True)
    assert "This was done already" in words(again)
    assert Restriction.objects.count() == 3


def test_of_several_each_is_done_or_refused_on_its_own(moderator, staff, person):
    users = [person(f"one_of_{n}") for n in range(3)]
    page = choose(moderator, "bar", users)
    (form,) = [item["inputs"] for item in posting(page) if "submission" in item["inputs"]]
    assert confirm(staff(Role.COMPLIANCE, handle="lea"), users[1]).status_code == 302
    form |= {"_selected_action": [user.pk for user in users], "kind": "stream", "reason": REASON}
    told = words(moderator.post("/accounts/user/", form, follow=True))
    assert "Bar: done for 2." in told
    assert "one_of_1: lea changed this person" in told
    assert Restriction.objects.filter(kind="stream").count() == 2


@pytest.mark.parametrize("selected", [["nonsense"], [""], ["1; DROP TABLE x"]])
def test_a_selection_that_is_none_of_the_list_does_nothing(moderator, selected):
    page = moderator.send(
        "/accounts/user/", {"action": "bar", "index": 0, "_selected_action": selected}, follow=True
    )
    assert "nothing was done" in words(page)


def test_the_list_offers_bulk_actions_of_the_role_only(moderator, staff):
    page = words(moderator.get("/accounts/user/"))
    assert '<option value="bar">' in page
    assert '<option value="constraint">' not in page
    assert "delete_selected" not in page
    assert "<select" not in words(staff(Role.FINANCE).get("/accounts/user/")).split('id="changelist"')[1]


# Declarations


def test_a_declaration_that_cannot_work_is_found_by_check():
    def service(*, user_id, actor):
        raise AssertionError

    wrong = ConfirmedAction("do", service, "no_dot")
    assert wrong.problems(User) == [
        "the service takes no 'reason'.",
        "'no_dot' is no permission; write app_label.codename.",
    ]
    assert ConfirmedAction("do", restriction_place, "accounts.restrict_user").problems(User) == []
