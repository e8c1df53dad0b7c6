"""Tags: one spelling, review, merging with preview and undo."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import StaleVersion
from streams.catalogue import tags_meant
from streams.errors import MergeRefused, TagRefused
from streams.models import PerformerTag, StreamTag, Tag, TagAlias, TagMerge
from streams.naming import tag_spelling
from streams.services.catalogue_links import stream_tag
from streams.services.tag_merges import MergePreview, tag_merge, tag_merge_preview, tag_merge_undo
from streams.services.tags import tag_alias_add, tag_alias_remove, tag_approve, tag_ban, tag_review, tags_take
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once, refusals
from tests.sql import refused, run
from tests.streams.factories_catalogue import StreamFactory, TagFactory, performer

pytestmark = pytest.mark.django_db

REASON = "the same thing twice"


@pytest.mark.parametrize(
    ("typed", "spelt"),
    [
        ("  #Let's  Play ", "let's-play"),
        ("K-POP", "k-pop"),
        ("\uff2b\uff0dpop", "k-pop"),
        ("롤 챔피언스", "롤-챔피언스"),
        ("\u1105\u1169\u11af", "롤"),
        ("CAFÉ", "café"),
        ("Straße", "strasse"),
        ("İstanbul", "i̇stanbul"),
        ("R&B", "r&b"),
        ("❤\ufe0f", "❤"),
        ("--a – b--", "a-b"),
        (" # ", ""),
    ],
)
def test_one_spelling(typed: str, spelt: str) -> None:
    assert tag_spelling(typed) == spelt
    if spelt:
        (tag,) = tags_take(names=[typed], actor=None)
        assert tag.name == spelt


def _assigned(text: str) -> bool:
    return all(unicodedata.category(sign) not in ("Cn", "Co", "Cs") for sign in text)


@given(st.text(min_size=1, max_size=40).filter(_assigned))
def test_the_spelling_is_a_fixed_point(text: str) -> None:
    spelt = tag_spelling(text)
    assert tag_spelling(spelt) == spelt
    assert tag_spelling(text.upper().lower()) == tag_spelling(text.upper().lower().casefold())


def test_python_and_postgresql_spell_alike() -> None:
    """Over every letter that this Python knows: what it made of it, the table takes as it is."""
    letters = [chr(code) for code in range(0x20, 0x1FFFF) if unicodedata.category(chr(code))[0] in "LN"]
    spelt = sorted({tag_spelling(letter) for letter in letters})
    wrong = run(
        "SELECT t FROM unnest(%s::text[]) t "
        "WHERE t <> normalize(casefold(normalize(t, NFKC) COLLATE pg_unicode_fast), NFKC)",
        [spelt],
    )
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x" * 300, "at most 50 characters; this one has 300"),
        ("x" * 51, "this one has 51"),
        (" \t\u3000 ", "letters or digits"),
        ("#", "letters or digits"),
        ("\u2800", "blank"),
        ("a\u0007b", "control characters"),
        ("a\u202eb", "direction marks"),
        ("a,b", "without commas"),
        ("a\x00b", "cannot be stored"),
        ("a\ud800", "cannot be stored"),
    ],
)
def test_what_is_no_tag_is_said(name: str, words: str) -> None:
    with pytest.raises(TagRefused, match=words):
        tags_take(names=["fine", name], actor=None)
    assert not Tag.objects.exclude(name="fine").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO streams_tag (name, is_usable, is_listable) VALUES ('K-Pop', true, false)",
        "INSERT INTO streams_tag (name, is_usable, is_listable) VALUES ('two words', true, false)",
        "INSERT INTO streams_tag (name, is_usable, is_listable) VALUES ('a--b', true, false)",
        "INSERT INTO streams_tag (name, is_usable, is_listable) VALUES ('-a', true, false)",
        "INSERT INTO streams_tag (name, is_usable, is_listable) VALUES (repeat('x', 300), true, false)",
        "INSERT INTO streams_tag (name, is_usable, is_listable) VALUES ('', true, false)",
        "INSERT INTO streams_tag (name, is_usable, is_listable) VALUES ('chess', true, false)",
        "INSERT INTO streams_tag (name, is_usable, is_listable) VALUES ('schach', true, false)",
        "INSERT INTO streams_tag (name, is_usable, is_listable) VALUES ('new', true, true)",
        "UPDATE streams_tag SET is_listable = true",
        "UPDATE streams_tag SET merged_into_id = id",
        "UPDATE streams_tag SET reviewed_at = now()",
        "INSERT INTO streams_tagalias (tag_id, name) SELECT id, 'chess' FROM streams_tag",
        "INSERT INTO streams_tagalias (tag_id, name) SELECT id, 'Skak' FROM streams_tag",
        "UPDATE streams_tagmerge SET reason = 'x'",
    ],
)
def test_rules_attacked_by_the_owner(statement: str, lead: User) -> None:
    tag = TagFactory(name="chess")
    TagAlias.objects.create(tag=tag, name="schach")
    TagMerge.objects.create(
        source=TagFactory(name="x"), target=tag, merged_by=lead, reason="x", was_listable=False
    )
    with refused("_check|_key|another name of one|stands for itself|append-only"):
        run(statement)


def test_a_review_and_who_may_make_it(moderator: User, announced: Announced) -> None:
    person = performer()
    with acting(Role.PERFORMER, user_id=person.pk):
        (tag,) = tags_take(names=["Speed Run"], actor=person.user)
        with refused("permission denied"):
            run("UPDATE streams_tag SET is_listable = true")
        with refused("row-level security"):
            run(
                "INSERT INTO streams_tag (name, is_usable, is_listable, reviewed_at, reviewed_by_id) "
                "VALUES ('mine', true, true, now(), %s)",
                [person.pk],
            )
    assert list(Tag.objects.waiting()) == [tag]
    with acting(Role.MODERATOR, user_id=moderator.pk):
        tag_approve(tag_id=tag.pk, actor=moderator, reason=REASON, expected_version=tag.version)
        with pytest.raises(StaleVersion):
            tag_ban(tag_id=tag.pk, actor=moderator, reason=REASON, expected_version=tag.version)
        with pytest.raises(TagRefused, match="not listed either"):
            tag_review(tag_id=tag.pk, is_usable=False, is_listable=True, actor=moderator, reason=REASON)
        assert list(Tag.objects.listable().beginning_with("SPEED R")) == [tag]
        tag_ban(tag_id=tag.pk, actor=moderator, reason=REASON)
    with pytest.raises(TagRefused, match="may not be used"):
        tags_take(names=["speed-run"], actor=None)
    with refused("may not be used"):
        run("INSERT INTO streams_performertag (performer_id, tag_id) VALUES (%s, %s)", [person.pk, tag.pk])
    assert announced.actions == ["tag_added", "tag_reviewed", "tag_reviewed"]
    assert Tag.history.filter(id=tag.pk).latest().history_user_id == moderator.pk


def test_other_spellings(lead: User) -> None:
    tag = TagFactory(name="league-of-legends")
    TagFactory(name="lol")
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        alias = tag_alias_add(tag_id=tag.pk, name="롤", actor=lead, reason=REASON)
        for name, words in (("LOL", "tag already, or another name"), ("롤", "already"), (" ", "letters")):
            with pytest.raises(TagRefused, match=words):
                tag_alias_add(tag_id=tag.pk, name=name, actor=lead, reason=REASON)
        assert tags_take(names=["롤", "League of Legends", "#롤"], actor=lead) == [tag]
        assert tags_meant(["롤", "unknown"]) == {"롤": tag}
        tag_alias_remove(tag_alias_id=alias.pk, actor=lead, reason=REASON)
        with pytest.raises(NotThere):
            tag_alias_remove(tag_alias_id=alias.pk, actor=lead, reason=REASON)


class TestMerge:
    @pytest.fixture
    def world(self) -> dict[str, Any]:
        source, target = TagFactory(name="letsplay"), TagFactory(name="lets-play")
        only, both = StreamFactory(), StreamFactory()
        for stream, tag in ((only, source), (both, source), (both, target)):
            StreamTag.objects.create(stream=stream, tag=tag)
        PerformerTag.objects.create(performer=only.performer, tag=source)
        TagAlias.objects.create(tag=source, name="lp")
        earlier = TagFactory(name="let-s-play", merged_into=source)
        return {"source": source, "target": target, "only": only, "both": both, "earlier": earlier}

    def links(self) -> set[tuple[Any, str]]:
        return set(StreamTag.objects.values_list("stream_id", "tag__name"))

    def test_preview_merge_and_undo(self, world: dict[str, Any], lead: User, announced: Announced) -> None:
        source, target = world["source"], world["target"]
        before = self.links()
        with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
            assert tag_merge_preview(tag_id=source.pk, target_id=target.pk) == MergePreview(2, 1, 1, 0)
            merge = tag_merge(tag_id=source.pk, target_id=target.pk, actor=lead, reason=REASON)
            assert self.links() == {(world["only"].pk, "lets-play"), (world["both"].pk, "lets-play")}
            assert PerformerTag.objects.get().tag == target
            for spelling in ("letsplay", "LP", "let's-play", "let-s-play"):
                expected = {} if spelling == "let's-play" else {tag_spelling(spelling): target}
                assert tags_meant([spelling]) == expected
            assert tags_take(names=["LETSPLAY"], actor=lead) == [target]
            tag_merge_undo(tag_merge_id=merge.pk, actor=lead, reason=REASON)
            with pytest.raises(MergeRefused, match="undone already"):
                tag_merge_undo(tag_merge_id=merge.pk, actor=lead, reason=REASON)
        assert self.links() == before
        assert PerformerTag.objects.get().tag == source
        assert TagAlias.objects.get().tag == source
        assert Tag.objects.get(pk=world["earlier"].pk).merged_into == source
        assert Tag.objects.get(pk=source.pk).merged_into is None
        assert announced.actions == ["tag_merged", "tag_merge_undone"]

    def test_undo_keeps_what_happened_since(self, world: dict[str, Any], lead: User) -> None:
        source, target = world["source"], world["target"]
        with acting(Role.ADMINISTRATOR, user_id=lead.pk):
            merge = tag_merge(tag_id=source.pk, target_id=target.pk, actor=lead, reason=REASON)
        StreamTag.objects.filter(stream=world["both"]).delete()
        third = TagFactory(name="gaming")
        with acting(Role.ADMINISTRATOR, user_id=lead.pk):
            later = tag_merge(tag_id=target.pk, target_id=third.pk, actor=lead, reason=REASON)
            with pytest.raises(MergeRefused, match="Undo that merge first"):
                tag_merge_undo(tag_merge_id=merge.pk, actor=lead, reason=REASON)
            tag_merge_undo(tag_merge_id=later.pk, actor=lead, reason=REASON)
            tag_merge_undo(tag_merge_id=merge.pk, actor=lead, reason=REASON)
        assert self.links() == {(world["only"].pk, "letsplay")}

    def test_what_is_refused(self, world: dict[str, Any], lead: User, moderator: User) -> None:
        source, target, earlier = world["source"], world["target"], world["earlier"]
        banned = TagFactory(name="banned", is_usable=False)
        with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
            for pair, words, error in (
                ((source, source), "into itself", MergeRefused),
                ((source, earlier), "was merged into", TagRefused),
                ((earlier, target), "was merged into", TagRefused),
                ((source, banned), "may not be used", MergeRefused),
            ):
                with pytest.raises(error, match=words):
                    tag_merge(tag_id=pair[0].pk, target_id=pair[1].pk, actor=lead, reason=REASON)
        with acting(Role.MODERATOR, user_id=moderator.pk), refused("permission denied"):
            tag_merge(tag_id=source.pk, target_id=target.pk, actor=moderator, reason=REASON)
        assert not TagMerge.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_tagging_and_merging_at_once_leaves_no_link_behind() -> None:
    lead, source, target = UserFactory(), TagFactory(name="letsplay"), TagFactory(name="lets-play")
    streams = StreamFactory.create_batch(3)

    def merge(tag: Tag, into: Tag) -> Any:
        with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
            return tag_merge(tag_id=tag.pk, target_id=into.pk, actor=lead, reason=REASON)

    def use(stream: Any) -> Any:
        with acting(Role.PERFORMER, user_id=stream.performer_id):
            return stream_tag(stream_id=stream.pk, tags=["LetsPlay", "brand new"], actor=None)

    outcomes = at_once(
        lambda: merge(source, target),
        lambda: merge(target, source),
        *(lambda stream=stream: use(stream) for stream in streams),
    )
    # Who read the tag before it was merged is refused, and tries again.
    assert TagMerge.objects.count() == 1, outcomes
    assert set(refusals(outcomes)) <= {TagRefused, MergeRefused}
    assert not StreamTag.objects.filter(tag__merged_into__isnull=False).exists()
    assert Tag.objects.filter(name="brand-new").count() == (1 if StreamTag.objects.exists() else 0)
