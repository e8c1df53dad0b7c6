"""Two sendings at the same moment, on connections of their own."""

import functools
import threading
import time

import pytest
from django.db import connection

from accounts.models import Restriction
from core.db.roles import Role
from tests.core.admin import rooms
from tests.core.admin.test_actions import REASON, opened, where, words

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.core.admin.rooms")]


@pytest.fixture(autouse=True)
def _slow_service(monkeypatch):
    """The act takes long enough for the second sending to arrive in the middle of it."""
    action = next(action for action in rooms.PeopleRoom.actions if action.name == "bar")

    @functools.wraps(rooms.bar)
    def slow(**arguments):
        rooms.bar(**arguments)
        time.sleep(0.5)

    monkeypatch.setattr(action, "service", slow)


def send_together(*sendings):
    """POST (client, path, data) at the same moment; the pages that follow."""
    pages, gate = {}, threading.Barrier(len(sendings))

    def send(index, client, path, data):
        try:
            gate.wait()
            pages[index] = client.post(path, data, follow=True)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(n, *sending)) for n, sending in enumerate(sendings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return [words(pages[index]) for index in range(len(sendings))]


def test_a_double_click_is_done_once(moderator, person):
    path = where(person("somebody"))
    data = {**opened(moderator, path), "kind": "chat", "reason": REASON}
    pages = send_together((moderator, path, data), (moderator, path, data))
    assert Restriction.objects.count() == 1
    assert sum("This was done already" in page for page in pages) == 1


def test_of_two_colleagues_one_is_first_and_the_other_hears_it(moderator, staff, person):
    path = where(person("somebody"))
    lea = staff(Role.COMPLIANCE, handle="lea")
    first = {**opened(moderator, path), "kind": "chat", "reason": REASON}
    second = {**opened(lea, path), "kind": "stream", "reason": REASON}
    pages = send_together((moderator, path, first), (lea, path, second))
    assert Restriction.objects.count() == 1
    assert sum("changed this person at" in page for page in pages) == 1
