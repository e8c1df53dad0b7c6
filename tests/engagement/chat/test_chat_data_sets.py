"""The public chat, the roles of its channels and the rough words come in whole, and once."""

import gzip
import io
import unicodedata
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from core.datasets.registry import BrokenRow, Note, ReadRow
from core.models import DatasetOffset
from engagement.chat_choices import MessageKind, RoomRoleKind
from engagement.chat_drafts import body_refusal
from engagement.datasets.automod import read_terms
from engagement.datasets.chat import read_chat
from engagement.datasets.community import read_community
from engagement.models import BlockedTerm, ChatMessage, ChatRoom, RoomRole

DATA = Path(__file__).parents[3] / "engagement" / "data"


def bring_in(name: str, folder: Path) -> str:
    said = io.StringIO()
    call_command("import_dataset", name, str(folder), stdout=said, stderr=io.StringIO())
    return said.getvalue()


def cut(folder: Path, name: str, lines: slice) -> Path:
    """The header and some lines of a file of the chat."""
    text = gzip.decompress((DATA / "chat" / name).read_bytes()).decode().splitlines()
    (folder / name).write_bytes(gzip.compress("\n".join([text[0], *text[1:][lines]]).encode() + b"\n"))
    return folder


def test_every_line_is_read_in_order_of_time() -> None:
    rows = list(read_chat(DATA / "chat"))
    lines = [row.value for row in rows if isinstance(row, ReadRow)]
    assert [row for row in rows if isinstance(row, BrokenRow)] == []
    assert len([row for row in rows if isinstance(row, Note)]) == 4
    assert len(lines) == 27_496
    assert [line.text for line in lines if body_refusal(unicodedata.normalize("NFC", line.text))] == []
    assert len({line.evening for line in lines}) == 20
    assert sum(not line.nick for line in lines) == 2_027
    assert sum(line.answers is not None for line in lines) == 6_116
    for first, second in pairwise(lines):
        if first.evening == second.evening:
            assert first.at < second.at
    assert all(line.answers[1] < line.at for line in lines if line.answers)


def test_roles_and_words_are_read() -> None:
    community = [row.value for row in read_community(DATA / "community") if isinstance(row, ReadRow)]
    kinds = [getattr(value, "kind", None) for value in community]
    assert (kinds.count(None), kinds.count(RoomRoleKind.MODERATOR), kinds.count(RoomRoleKind.VIP)) == (
        40,
        329,
        187,
    )
    assert len([row for row in read_terms(DATA / "automod") if isinstance(row, ReadRow)]) == 704


@pytest.mark.django_db
def test_a_cut_of_the_chat_comes_in_once(tmp_path: Path) -> None:
    cut(tmp_path, "messages.csv.gz", slice(980, 1300))
    cut(tmp_path, "reply_links.csv.gz", slice(0, 500))
    assert "320 rows read, 320 new, 0 unchanged, 0 broken" in bring_in("chat", tmp_path)
    assert "320 rows read, 0 new, 320 unchanged, 0 broken" in bring_in("chat", tmp_path)
    assert ChatRoom.objects.count() == DatasetOffset.objects.filter(dataset__startswith="chat/").count() == 2
    messages = ChatMessage.objects.all()
    assert messages.filter(kind=MessageKind.SYSTEM, sender__isnull=True).exists()
    answers = messages.filter(reply_to__isnull=False)
    assert answers.count() > 50
    known = dict(messages.values_list("pk", "room_id"))
    assert all(known.get(row.reply_to_id, row.room_id) == row.room_id for row in answers)
    assert messages.filter(created_at__lt=timezone.now() - timedelta(days=80)).count() == 0


@pytest.mark.django_db
def test_roles_and_words_come_in_once() -> None:
    assert "556 rows read, 556 new" in bring_in("community", DATA / "community")
    assert "556 rows read, 0 new, 556 unchanged" in bring_in("community", DATA / "community")
    assert RoomRole.objects.in_force().count() == 516
    said = bring_in("automod", DATA / "automod")
    assert "704 rows read" in said and "0 broken" in said
    there = BlockedTerm.objects.count()
    # Some stand in the lists of several languages.
    assert there == 682
    bring_in("automod", DATA / "automod")
    assert BlockedTerm.objects.count() == there
