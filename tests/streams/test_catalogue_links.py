"""What streams are about, what performers are known for, labels and what viewers want of them."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from streams.catalogue import known_for
from streams.errors import CatalogueRefused, CategoryUnknown, LabelRefused, TagRefused
from streams.models import (
    ContentLabel,
    PerformerCategory,
    Stream,
    StreamCategory,
    StreamLabel,
    StreamTag,
    Tag,
    ViewerLabelPreference,
)
from streams.services.catalogue_links import (
    performer_categorise,
    performer_tag,
    stream_categorise,
    stream_tag,
)
from streams.services.content_labels import (
    content_label_change,
    content_label_define,
    label_preference_clear,
    label_preference_set,
)
from streams.services.stream_labels import stream_label_set, stream_label_unset
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once
from tests.sql import affected, refused, run
from tests.streams.factories_catalogue import LabelFactory, StreamFactory, TagFactory, category, performer

pytestmark = pytest.mark.django_db

LINKS = ("streams_streamcategory", "streams_streamtag", "streams_streamlabel")


def described(**fields: Any) -> Stream:
    """A stream with one category, one tag and one label."""
    stream = StreamFactory(**fields)
    StreamCategory.objects.create(stream=stream, category=category("Games"), is_primary=True)
    StreamTag.objects.create(stream=stream, tag=TagFactory())
    StreamLabel.objects.create(stream=stream, label=LabelFactory(), source="self")
    return stream


def counted() -> list[int]:
    return [run(f"SELECT count(*) FROM {table}")[0][0] for table in LINKS]


class TestVisibility:
    def test_links_of_private_and_deleted_streams_are_seen_by_their_performer_alone(self, user: User) -> None:
        stream = described(visibility="private")
        for role, person, seen in (
            (Role.VIEWER, user.pk, 0),
            (Role.PERFORMER, user.pk, 0),
            (Role.PERFORMER, stream.performer_id, 1),
            (Role.MODERATOR, user.pk, 1),
            (Role.WORKER, None, 1),
        ):
            with acting(role, user_id=person):
                assert counted() == [seen] * 3, role

    def test_links_follow_their_stream(self, user: User) -> None:
        stream = described()

        def seen() -> list[int]:
            with acting(Role.VIEWER, user_id=user.pk):
                return counted()

        assert seen() == [1, 1, 1]
        for change, expected in (
            ({"visibility": "private"}, 0),
            ({"visibility": "unlisted"}, 1),
            ({"deleted_at": timezone.now()}, 0),
        ):
            Stream.all_objects.filter(pk=stream.pk).update(**change)
            assert seen() == [expected] * 3, change

    def test_nobody_says_otherwise(self, user: User) -> None:
        stream = described(visibility="private")
        other = performer()
        run("UPDATE streams_streamtag SET is_public = true")
        with acting(Role.VIEWER, user_id=user.pk):
            assert counted() == [0, 0, 0]
        tag = TagFactory()
        with acting(Role.PERFORMER, user_id=other.pk):
            # The row takes the performer of the stream, and so it is none of hers.
            with refused("row-level security"):
                run(
                    "INSERT INTO streams_streamtag (stream_id, performer_id, tag_id, is_public) "
                    "VALUES (%s, %s, %s, true)",
                    [stream.pk, other.pk, tag.pk],
                )
            assert [affected(f"DELETE FROM {table}") for table in LINKS] == [0, 0, 0]

    def test_what_applicants_are_known_for_is_told_to_nobody(self, user: User) -> None:
        shown, draft = performer(), performer(status="draft")
        games, music = category("Games"), category("Music")
        for person in (shown, draft):
            with acting(Role.PERFORMER, user_id=person.pk):
                performer_categorise(
                    performer_id=person.pk, category_ids=[music.pk, games.pk], actor=person.user
                )
                performer_tag(performer_id=person.pk, tags=["Live", "live", "loud"], actor=person.user)
                assert PerformerCategory.objects.count() == 2
        with acting(Role.VIEWER, user_id=user.pk):
            with refused("permission denied"):
                run("SELECT FROM streams_performercategory")
            found = known_for([shown.pk, draft.pk])
        assert (found[shown.pk].category_ids, len(found[shown.pk].tag_ids)) == ([music.pk, games.pk], 2)
        assert (found[draft.pk].category_ids, found[draft.pk].tag_ids) == ([], [])


class TestDescribing:
    def test_a_performer_describes_her_stream(self, announced: Announced) -> None:
        stream = StreamFactory()
        nodes = [category(name) for name in ("Games", "Music", "Talk")]
        keys = [node.pk for node in nodes]
        with acting(Role.PERFORMER, user_id=stream.performer_id):
            stream_categorise(stream_id=stream.pk, category_ids=[keys[0], keys[1], keys[0]], actor=None)
            links = stream_categorise(stream_id=stream.pk, category_ids=[keys[2], keys[0]], actor=None)
            assert [(link.category_id, link.is_primary) for link in links] == [
                (keys[2], True),
                (keys[0], False),
            ]
            stream_tag(stream_id=stream.pk, tags=["K-Pop", "k pop", "New"], actor=None)
            stream_tag(stream_id=stream.pk, tags=["new", "롤"], actor=None)
        assert set(StreamTag.objects.values_list("tag__name", flat=True)) == {"new", "롤"}
        assert set(StreamTag.objects.values_list("performer_id", flat=True)) == {stream.performer_id}
        assert announced.actions.count("stream_categorised") == 2
        assert announced[-1][1]["detail"] == {"added": 1, "removed": 1}

    def test_what_is_refused_leaves_nothing_half_written(self) -> None:
        stream, node = StreamFactory(), category("Games")
        merged = category("Old", is_listed=False, merged_into=node)
        many = [category(f"Name {number}").pk for number in range(6)]
        with acting(Role.PERFORMER, user_id=stream.performer_id):
            for wrong, words, error in (
                ([node.pk, uuid7()], "no such category", CategoryUnknown),
                ([merged.pk], "was merged into another", CategoryUnknown),
                (many, "At most 5 categories", CatalogueRefused),
            ):
                with pytest.raises(error, match=words):
                    stream_categorise(stream_id=stream.pk, category_ids=wrong, actor=None)
            for tags, words in (
                (["fine", "x" * 300], "at most 50 characters"),
                ([f"tag {number}" for number in range(11)], "At most 10 tags"),
            ):
                with pytest.raises(TagRefused, match=words):
                    stream_tag(stream_id=stream.pk, tags=tags, actor=None)
        assert counted() == [0, 0, 0]
        assert not Tag.objects.filter(name="fine").exists()
        with acting(Role.PERFORMER, user_id=performer().pk), pytest.raises(NotThere):
            stream_categorise(stream_id=stream.pk, category_ids=[node.pk], actor=None)
        Stream.objects.filter(pk=stream.pk).update(deleted_at=timezone.now())
        with pytest.raises(CatalogueRefused, match="was deleted"):
            stream_tag(stream_id=stream.pk, tags=["x"], actor=None)

    def test_limits_and_targets_attacked_by_the_owner(self) -> None:
        stream = described()
        merged = category("Old", is_listed=False, merged_into=category("New"))
        with refused("was merged into another one"):
            StreamCategory.objects.create(stream=stream, category=merged)
        with refused("primary_key"):
            StreamCategory.objects.create(stream=stream, category=category("Music"), is_primary=True)
        with refused("stream_category_key"):
            run(
                "INSERT INTO streams_streamcategory (stream_id, performer_id, category_id, is_primary, is_public) "
                "SELECT stream_id, performer_id, category_id, false, false FROM streams_streamcategory"
            )
        with refused("At most 5 categories"):
            for number in range(5):
                StreamCategory.objects.create(stream=stream, category=category(f"Name {number}"))
        with refused("At most 10 tags"):
            for _ in range(10):
                StreamTag.objects.create(stream=stream, tag=TagFactory())
        for table in LINKS:
            with refused("cannot be changed"):
                run(f"UPDATE {table} SET performer_id = %s", [performer().pk])


class TestLabels:
    def test_whose_word_counts_more(self, moderator: User, announced: Announced) -> None:
        stream, label = StreamFactory(), LabelFactory()
        about = {"stream_id": stream.pk, "label_id": label.pk, "actor": None}
        with acting(Role.WORKER):
            assert stream_label_set(**about, source="automatic").source == "automatic"
        with acting(Role.PERFORMER, user_id=stream.performer_id):
            assert stream_label_set(**about, source="self").source == "automatic"
            with pytest.raises(LabelRefused, match="A program set the label"):
                stream_label_unset(**about, source="self")
        with acting(Role.MODERATOR, user_id=moderator.pk):
            assert stream_label_set(**about, source="staff").source == "staff"
        with acting(Role.PERFORMER, user_id=stream.performer_id):
            with pytest.raises(LabelRefused, match="A moderator set the label"):
                stream_label_unset(**about, source="self")
            with pytest.raises(LabelRefused, match="may not take this label away|A moderator"):
                stream_label_unset(**about, source="staff")
        with acting(Role.MODERATOR, user_id=moderator.pk):
            stream_label_unset(**about, source="staff")
            with pytest.raises(LabelRefused, match="does not have this label"):
                stream_label_unset(**about, source="staff")
        assert [row.history_type for row in StreamLabel.history.order_by("history_id")] == ["+", "~", "-"]
        assert announced.actions == ["stream_label_given", "stream_label_given", "stream_label_taken"]
        with acting(Role.PERFORMER, user_id=stream.performer_id):
            stream_label_set(**about, source="self")
            stream_label_unset(**about, source="self")

    def test_performers_and_programs_attack_what_staff_said(self) -> None:
        stream = described()
        StreamLabel.objects.update(source="staff")
        label = LabelFactory()
        with acting(Role.PERFORMER, user_id=stream.performer_id):
            assert affected("DELETE FROM streams_streamlabel") == 0
            with refused("permission denied"):
                run("UPDATE streams_streamlabel SET source = 'self'")
            for source in ("staff", "automatic"):
                with refused("row-level security"):
                    run(
                        "INSERT INTO streams_streamlabel (stream_id, performer_id, label_id, source, is_public) "
                        "VALUES (%s, %s, %s, %s, true)",
                        [stream.pk, stream.performer_id, label.pk, source],
                    )
        with acting(Role.WORKER):
            assert affected("DELETE FROM streams_streamlabel") == 0
        run("CREATE POLICY forgotten ON streams_streamlabel FOR DELETE TO vbl_worker USING (true)")
        with acting(Role.WORKER), refused("Only moderators take it away"):
            run("DELETE FROM streams_streamlabel")
        with acting(Role.MODERATOR, user_id=stream.performer_id):  # nobody decides about themselves
            assert affected("DELETE FROM streams_streamlabel") == 0

    def test_the_vocabulary(self, lead: User) -> None:
        assert ContentLabel.objects.get(code="gambling").minimum_age == 18
        stream = StreamFactory()
        values = {"name": " Loud  music ", "description": "", "severity": "mild", "minimum_age": 0}
        with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
            label = content_label_define(code="loud_music", actor=lead, **values)
            assert label.name == "Loud music"
            for wrong, words in (
                ({"minimum_age": 99}, "0 to 25 years"),
                ({"name": " "}, "blank"),
                ({"severity": "huge"}, "must be one of"),
            ):
                with pytest.raises(LabelRefused, match=words):
                    content_label_define(code="other", actor=lead, **{**values, **wrong})
            with pytest.raises(LabelRefused, match="code is taken"):
                content_label_define(code="gambling", actor=lead, **values)
            content_label_change(
                content_label_id=label.pk, is_in_use=False, actor=lead, reason="unused", **values
            )
        with pytest.raises(LabelRefused, match="not set any more"):
            stream_label_set(stream_id=stream.pk, label_id=label.pk, source="self", actor=None)
        with pytest.raises(LabelRefused, match="no such label"):
            stream_label_set(stream_id=stream.pk, label_id=uuid7(), source="self", actor=None)

    def test_preferences_are_read_by_their_viewer_alone(self, user: User) -> None:
        label, other = LabelFactory(), UserFactory()
        ViewerLabelPreference.objects.create(viewer=other, label=label, action="hide")
        with acting(Role.VIEWER, user_id=user.pk):
            label_preference_set(viewer_id=user.pk, label_id=label.pk, action="show")
            label_preference_set(viewer_id=user.pk, label_id=label.pk, action="blur")
            assert list(ViewerLabelPreference.objects.values_list("viewer", "action")) == [(user.pk, "blur")]
            with pytest.raises(LabelRefused, match="must be one of"):
                label_preference_set(viewer_id=user.pk, label_id=label.pk, action="love")
            label_preference_clear(viewer_id=other.pk, label_id=label.pk)
            label_preference_clear(viewer_id=user.pk, label_id=label.pk)
        assert ViewerLabelPreference.objects.get().viewer == other
        for role in set(ACTING_ROLES) - {Role.VIEWER, Role.PERFORMER}:
            with acting(role, user_id=other.pk), refused("permission denied"):
                run("SELECT FROM streams_viewerlabelpreference")


@pytest.mark.django_db(transaction=True)
def test_a_link_and_a_stream_that_becomes_private_at_once() -> None:
    streams = StreamFactory.create_batch(3)
    tags = TagFactory.create_batch(12)

    def hide(stream: Stream) -> None:
        Stream.objects.filter(pk=stream.pk).update(visibility="private")

    def link(stream: Stream, tag: Tag) -> None:
        StreamTag.objects.create(stream=stream, tag=tag)

    for stream in streams[:2]:
        at_once(lambda: hide(stream), *(lambda tag=tag: link(stream, tag) for tag in tags[:2]))  # noqa: B023
    assert set(StreamTag.objects.values_list("is_public", flat=True)) == {False}
    at_once(*(lambda tag=tag: link(streams[2], tag) for tag in tags))
    assert StreamTag.objects.filter(stream=streams[2]).count() == 10
