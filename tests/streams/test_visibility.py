"""Streams hidden by staff: nobody sees them but their performer, who cannot show them."""

from typing import Any

import pytest

from accounts.errors import OwnAccount
from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import StaleVersion
from streams.errors import StreamRefused
from streams.models import Stream
from streams.services.visibility import stream_hide, stream_show
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.sql import refused, run
from tests.streams.factories_archives import make_performer, make_stream

pytestmark = pytest.mark.django_db


def decide(service: Any, stream: Stream, actor: User, **options: Any) -> Stream:
    with acting(Role.MODERATOR, user_id=actor.pk):
        return service(**{"stream_id": stream.pk, "actor": actor, "reason": "see the case", **options})


def seen_by(user: User) -> int:
    with acting(Role.VIEWER, user_id=user.pk):
        return Stream.objects.count()


def test_hidden_and_shown_again(moderator: User, announced: Announced) -> None:
    stream, viewer = make_stream(visibility="unlisted"), UserFactory()
    assert seen_by(viewer) == 1
    hidden = decide(stream_hide, stream, moderator)
    assert (hidden.visibility, seen_by(viewer)) == ("private", 0)
    assert hidden.hidden_at is not None
    with pytest.raises(StreamRefused, match="hidden already"):
        decide(stream_hide, stream, moderator)
    shown = decide(stream_show, stream, moderator, visibility="unlisted")
    assert (shown.visibility, shown.hidden_at, seen_by(viewer)) == ("unlisted", None, 1)
    with pytest.raises(StreamRefused, match="is not hidden"):
        decide(stream_show, stream, moderator)
    assert announced.actions == ["stream_hidden", "stream_shown"]
    assert announced.only("stream_hidden")["changed"] == ("hidden_at", "visibility")


def test_its_performer_cannot_show_it(moderator: User) -> None:
    stream = make_stream()
    decide(stream_hide, stream, moderator)
    with acting(Role.PERFORMER, user_id=stream.performer_id):
        with refused("hidden_check"):
            run("UPDATE streams_stream SET visibility = 'public'")
        with refused("permission denied"):
            run("UPDATE streams_stream SET hidden_at = NULL")
    with refused("hidden_check"):
        run("UPDATE streams_stream SET visibility = 'unlisted'")


def test_refusals(moderator: User) -> None:
    own = make_stream(make_performer(moderator))
    for service in (stream_hide, stream_show):
        with pytest.raises(OwnAccount, match="Ask a colleague"):
            decide(service, own, moderator)
    stream = make_stream()
    with pytest.raises(StaleVersion):
        decide(stream_hide, stream, moderator, expected_version=99)
    decide(stream_hide, stream, moderator)
    with pytest.raises(StreamRefused, match="must be one of"):
        decide(stream_show, stream, moderator, visibility="everywhere")
    Stream.all_objects.filter(pk=stream.pk).update(deleted_at=stream.created_at)
    with pytest.raises(NotThere, match="was deleted"):
        decide(stream_show, stream, staff(Role.MODERATOR))
