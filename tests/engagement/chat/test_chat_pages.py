"""The rooms of chat in the back office: what they show, what they offer, and how often they ask."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.db.roles import Role
from engagement.chat_choices import HeldStatus, MessageStatus, TermAction
from engagement.models import BlockedTerm, ChatMessage, ChatRoom, HeldMessage
from tests.browser import Browser
from tests.engagement.chat_data import past, room_of, said, term, viewer

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:engagement_{model}_changelist") + query


def page_of(row: Any) -> str:
    return reverse(f"admin:engagement_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:engagement_{row._meta.model_name}_action", args=[row.pk, name])


def asked(browser: Browser, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def test_one_key_approves_and_leads_to_the_next(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    room, ann = room_of(), viewer()
    term("rude")
    first, second, third = (said(room, ann, f"rude {number}") for number in (1, 2, 3))
    review = reverse("admin:engagement_heldmessage_review")
    page = browser.get(review).content.decode()
    assert "rude 1" in page and 'accesskey="a"' in page and 'accesskey="r"' in page
    for message, decision, status in (
        (first, "approve", MessageStatus.VISIBLE),
        (second, "refuse", MessageStatus.REMOVED),
    ):
        held = HeldMessage.objects.get(message=message.pk)
        url = reverse("admin:engagement_heldmessage_decide", args=[held.pk, decision])
        assert browser.send(url, {"version": str(held.version)}).status_code == 302
        message.refresh_from_db()
        assert message.status == status
    assert "rude 3" in browser.get(review).content.decode()
    held = HeldMessage.objects.get(message=third.pk)
    browser.send(reverse("admin:engagement_heldmessage_decide", args=[held.pk, "refuse"]), {"version": "99"})
    held.refresh_from_db()
    assert held.status == HeldStatus.PENDING, "somebody else changed it since the page was opened"
    assert "rude 3" in browser.get(list_of("heldmessage")).content.decode()
    assert "rude 1" not in browser.get(list_of("heldmessage")).content.decode()


def test_nothing_waits(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    assert "Nothing waits" in browser.get(reverse("admin:engagement_heldmessage_review")).content.decode()


def test_the_conversation_as_it_was_read(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    room, ann = room_of(), viewer()
    keys = past(room, ann, 130)
    said(room, ann, "The answer", reply_to_id=keys[0])
    url = reverse("admin:engagement_chatroom_conversation", args=[room.pk])
    page = browser.get(url).content.decode()
    assert page.index("Line 129") < page.index("The answer")
    assert "Line 30<" not in page and "Older messages" in page
    assert "Line 1<" in browser.get(f"{url}?before={keys[40]}").content.decode()
    around = browser.get(f"{url}?around={keys[60]}").content.decode()
    assert "Line 10<" in around and "Line 110<" in around and "Line 9<" not in around
    assert browser.get(f"{url}?around={room.pk}").status_code == 404
    assert browser.get(f"{url}?before=nonsense").status_code == 404


def test_messages_of_a_person_across_rooms_removed_and_restored(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    ann, bob = viewer(), viewer()
    first, second = said(room_of(), ann, "In the first"), said(room_of(), ann, "In the second")
    said(room_of(), bob, "By another")
    for query in (f"?q={ann.handle}", f"?sender={ann.handle}", f"?sender={ann.pk}"):
        page = browser.get(list_of("chatmessage", query)).content.decode()
        assert "In the first" in page and "In the second" in page and "By another" not in page
    assert (
        "Nobody has the handle"
        in browser.get(list_of("chatmessage", "?sender=nobody_at_all")).content.decode()
    )
    for name, status in (("remove", MessageStatus.REMOVED), ("restore", MessageStatus.VISIBLE)):
        assert browser.do(action_on(first, name)).status_code == 302
        assert ChatMessage.objects.get(pk=first.pk).status == status
    assert "In the second" in browser.get(page_of(second)).content.decode()


def test_a_room_is_hidden_by_name(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    room = room_of()
    said(room, viewer(), "Hello there")
    page = browser.get(page_of(room)).content.decode()
    assert "Hello there" in page and "Conversation" in page
    assert browser.do(action_on(room, "hide")).status_code == 302
    assert ChatRoom.objects.get(pk=room.pk).hidden_at is not None
    assert browser.do(action_on(room, "show")).status_code == 302
    assert ChatRoom.objects.get(pk=room.pk).hidden_at is None


def test_terms_are_added_tried_and_ended(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    added = browser.send(
        reverse("admin:engagement_blockedterm_add"),
        {
            "term": "Flibbert",
            "action": TermAction.REFUSE.value,
            "language": "",
            "performer_id": "",
            "room_id": "",
            "until": "",
        },
    )
    assert added.status_code == 302
    row = BlockedTerm.objects.get()
    assert row.folded == "flibbert" and row.added_by == browser.user
    tester = reverse("admin:chat_term_tester")
    page = browser.get(f"{tester}?ask=1&text=Such+a+Fl1bb3rt").content.decode()
    assert "Refused." in page and "Flibbert" in page and "Fl1bb3rt" in page
    assert "no blocked term" in browser.get(f"{tester}?ask=1&text=Flibberts").content.decode()
    assert "direction marks" in browser.get(f"{tester}?ask=1&text=%E2%80%AEevil").content.decode()
    assert "no room with this id" in browser.get(f"{tester}?ask=1&text=a&room={row.pk}").content.decode()
    assert browser.do(action_on(row, "end")).status_code == 302
    assert "no blocked term" in browser.get(f"{tester}?ask=1&text=flibbert").content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.FINANCE, Role.ANALYST])
def test_others_see_no_conversation(staff_client: StaffClient, role: Role) -> None:
    browser = staff_client(role)
    room = room_of()
    said(room, viewer(), "Not for everybody")
    for url in (
        list_of("chatmessage"),
        reverse("admin:engagement_chatroom_conversation", args=[room.pk]),
        reverse("admin:engagement_heldmessage_review"),
        reverse("admin:chat_term_tester"),
    ):
        assert browser.get(url).status_code == 403
    assert "Not for everybody" not in browser.get(page_of(room)).content.decode()


@pytest.mark.parametrize("page", ["chatmessage", "heldmessage", "chatroom", "blockedterm"])
def test_lists_ask_the_same_number_of_queries(staff_client: StaffClient, page: str) -> None:
    browser = staff_client(Role.MODERATOR)
    term("rude")

    def one_more() -> None:
        said(room_of(), viewer(), "rude thing")
        term(f"word {BlockedTerm.objects.count()}x")

    one_more()
    few = asked(browser, list_of(page))
    for _ in range(7):
        one_more()
    assert asked(browser, list_of(page)) == few <= 16


def test_pages_ask_the_same_number_of_queries(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    term("rude")
    little, much, ann = room_of(), room_of(), viewer()
    messages = [said(room, ann, "rude one") for room in (little, much)]
    past(little, ann, 1)
    past(much, ann, 20)
    pages: tuple[Callable[[int], str], ...] = (
        lambda number: page_of((little, much)[number]),
        lambda number: page_of(messages[number]),
        lambda number: reverse("admin:engagement_chatroom_conversation", args=[(little, much)[number].pk]),
    )
    for page in pages:
        assert asked(browser, page(0)) == asked(browser, page(1)) <= 26
