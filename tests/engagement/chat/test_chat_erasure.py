"""What of chat goes when a person is erased."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from core.erasure import erasers
from engagement.models import ChatMessage, HeldMessage, RoomBan, RoomRole
from tests.accounts.erasing import erase
from tests.engagement.chat_data import banned, role, room_of, said, term, viewer

pytestmark = pytest.mark.django_db


def test_words_roles_and_bans_go_and_what_others_said_stays() -> None:
    room, other, ann, bob, officer = room_of(), room_of(), viewer(), viewer(), viewer()
    term("rude")
    said(room, ann, "Hello")
    said(room, ann, "rude")
    kept = said(room, bob, "Hi")
    role(other, ann)
    banned(other, ann)
    User.objects.filter(pk=ann.pk).update(status="closed", closed_at=timezone.now() - timedelta(days=31))
    report = erase(ann, officer)
    gone = {line.table: line.rows for line in report.destroyed if line.table.startswith("engagement_")}
    assert gone["engagement_chatmessage"] == 2
    assert (gone["engagement_heldmessage"], gone["engagement_roomrole"], gone["engagement_roomban"]) == (
        1,
        1,
        1,
    )
    assert ChatMessage.objects.get() == kept
    assert not HeldMessage.objects.exists() and not RoomRole.objects.exists() and not RoomBan.objects.exists()
    assert "chat" in {eraser.name for eraser in erasers()}
