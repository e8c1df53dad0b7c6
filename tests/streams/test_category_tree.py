"""The tree of categories: what services do to it, and what raw SQL cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from core.errors import Refused, StaleVersion
from core.models.identity import uuid7
from streams.catalogue import categories_named, category_at
from streams.errors import CatalogueRefused, CategoryMoveRefused, CategoryUnknown, MergeRefused
from streams.models import Category, CategoryAlias, PerformerCategory, StreamCategory
from streams.models.category import DEEPEST
from streams.services.categories import (
    category_create,
    category_list,
    category_move,
    category_rename,
    category_unlist,
)
from streams.services.category_aliases import category_alias_add, category_alias_remove
from streams.services.category_merges import category_merge
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once, refusals
from tests.sql import refused, run
from tests.streams.factories_catalogue import StreamFactory, category, performer

pytestmark = pytest.mark.django_db

REASON = "as viewers look for it"


@contextmanager
def curating(actor: User, role: Role = Role.LEAD_MODERATOR) -> Iterator[dict[str, Any]]:
    with acting(role, user_id=actor.pk):
        yield {"actor": actor, "reason": REASON}


def sound() -> None:
    """Every rule of the tree holds, for django-treebeard and for the deferred constraints."""
    connection.check_constraints()
    assert Category.objects.find_problems() == ([], [], [], [], [])


def names_below(node: Category) -> list[str]:
    return [row.name for row in Category.objects.within(Category.objects.get(pk=node.pk).path)][1:]


def test_a_life_of_the_tree(lead: User, announced: Announced) -> None:
    with curating(lead) as who:
        games = category_create(name="  Games\u3000and  more ", slug="games", **who)
        chess = category_create(name="Chess", slug="chess", parent_id=games.pk, **who)
        blitz = category_create(name="Blitz", slug="blitz", parent_id=chess.pk, **who)
        music = category_create(name="Music", slug="music", **who)
        assert (games.name, blitz.depth, blitz.path[:8]) == ("Games and more", 3, chess.path)
        category_move(category_id=chess.pk, parent_id=music.pk, **who)
        assert names_below(music) == ["Chess", "Blitz"]
        category_move(category_id=blitz.pk, parent_id=None, **who)
        assert names_below(music) == ["Chess"]
        category_rename(category_id=chess.pk, name="Schach", **who)
        category_unlist(category_id=chess.pk, **who)
        assert not Category.objects.listed().filter(slug="chess").exists()
        category_list(category_id=chess.pk, **who)
        with pytest.raises(StaleVersion):
            category_rename(category_id=chess.pk, name="Chess", expected_version=1, **who)
    sound()
    assert announced.actions[4:] == [
        "category_moved",
        "category_moved",
        "category_renamed",
        "category_unlisted",
        "category_listed",
    ]
    paths = list(Category.history.filter(id=chess.pk).order_by("history_id").values_list("path", flat=True))
    assert paths[0] != paths[1] == paths[-1] == Category.objects.get(pk=chess.pk).path
    assert Category.history.filter(id=chess.pk).latest().history_user_id == lead.pk


def test_what_the_tree_refuses_is_said(lead: User) -> None:
    root = node = category("Games")
    for level in range(2, DEEPEST + 1):
        node = category(f"Level {level}", Category.objects.get(pk=node.pk))
    other = category("Straße", slug="street")
    branch = category("Chess", other)
    with curating(lead) as who:
        for parent in (root, node):
            with pytest.raises(CategoryMoveRefused, match="cannot lie below itself"):
                category_move(category_id=root.pk, parent_id=parent.pk, **who)
        with pytest.raises(CategoryMoveRefused, match="at most 5 levels"):
            category_move(category_id=other.pk, parent_id=Category.objects.get(depth=4).pk, **who)
        with pytest.raises(CategoryMoveRefused, match="at most 5 levels"):
            category_create(name="Deeper", slug="deeper", parent_id=node.pk, **who)
        with pytest.raises(CategoryMoveRefused, match="at this place already"):
            category_move(category_id=branch.pk, parent_id=other.pk, **who)
        with pytest.raises(NotThere, match="no such category"):
            category_move(category_id=branch.pk, parent_id=uuid7(), **who)
        with pytest.raises(NotThere, match="no such category"):
            category_create(name="Lost", slug="lost", parent_id=uuid7(), **who)
        for name, words in (
            ("STRASSE", "of this name at this place"),
            ("\uff33TRASSE", "of this name at this place"),
            ("  \u2800 \u3000", "blank"),
            ("Che\u0007ss", "control characters"),
            ("Nul\x00", "cannot be stored"),
            ("x" * 81, "80"),
            ("Half \ud800", "cannot be stored"),
        ):
            with pytest.raises(CatalogueRefused, match=words):
                category_create(name=name, slug="new", **who)
            with pytest.raises(CatalogueRefused, match=words):
                category_rename(category_id=root.pk, name=name, **who)
        with pytest.raises(CatalogueRefused, match="slug is taken"):
            category_create(name="New", slug=other.slug, **who)
        category_create(name="Chess", slug="another-chess", **who)
        with pytest.raises(CatalogueRefused, match="of this name at this place"):
            category_move(category_id=branch.pk, parent_id=None, **who)
    sound()
    assert Category.objects.count() == DEEPEST + 3


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        # An orphan, by writing, moving and deleting.
        ("INSERT INTO streams_category (name, slug, path, depth, numchild, is_listed) "
         "VALUES ('X', 'x', '000Z0001', 2, 0, true)", "parent_path_fkey"),
        ("UPDATE streams_category SET path = '000Z0001', depth = 2 WHERE slug = 'b'", "parent_path_fkey"),
        ("UPDATE streams_category SET path = '000Z' WHERE slug = 'a'", "parent_path_fkey"),
        ("DELETE FROM streams_category WHERE slug = 'a'", "parent_path_fkey"),
        # A circle: below itself, and two below one another.
        ("UPDATE streams_category SET path = path || '0001', depth = depth + 1 WHERE slug = 'a'",
         "parent_path_fkey|path_key|sibling"),
        ("UPDATE streams_category SET path = CASE slug WHEN 'a' THEN '00020001' ELSE '00010001' END, depth = 2 "
         "WHERE slug IN ('a', 'z')", "parent_path_fkey|path_key"),
        # Paths, depths and counts that contradict one another.
        ("UPDATE streams_category SET path = 'abcd' WHERE slug = 'z'", "path_format_check"),
        ("UPDATE streams_category SET path = '000' WHERE slug = 'z'", "path_format_check|depth_check"),
        ("UPDATE streams_category SET path = '', depth = 0 WHERE slug = 'z'", "_check"),
        ("UPDATE streams_category SET depth = 2 WHERE slug = 'z'", "depth_check"),
        ("UPDATE streams_category SET numchild = 7 WHERE slug = 'z'", "as many"),
        ("UPDATE streams_category SET numchild = -1 WHERE slug = 'z'", "numchild_check"),
        ("DELETE FROM streams_category WHERE slug = 'b'", "as many"),
        ("INSERT INTO streams_category (name, slug, path, depth, numchild, is_listed) "
         "VALUES ('X', 'x', '00010002', 2, 0, true)", "as many"),
        ("UPDATE streams_category SET parent_path = NULL WHERE slug = 'b'", "generated"),
        # Names.
        ("UPDATE streams_category SET name = 'ALPHA' WHERE slug = 'z'", "sibling_key"),
        ("UPDATE streams_category SET name = E'\\t' WHERE slug = 'z'", "name_format_check"),
        ("UPDATE streams_category SET name = 'two  spaces' WHERE slug = 'z'", "name_spaces_check"),
        # Merging.
        ("UPDATE streams_category SET merged_into_id = id, is_listed = false WHERE slug = 'z'", "merged"),
        ("UPDATE streams_category SET merged_into_id = (SELECT id FROM streams_category WHERE slug = 'z') "
         "WHERE slug = 'b'", "merged_check"),
        ("UPDATE streams_category SET merged_into_id = (SELECT id FROM streams_category WHERE slug = 'z'), "
         "is_listed = false WHERE slug = 'a'", "merged_check"),
        ("UPDATE streams_category SET merged_into_id = (SELECT id FROM streams_category WHERE slug = 'm'), "
         "is_listed = false WHERE slug = 'b'", "stands for itself"),
        ("UPDATE streams_category SET merged_into_id = (SELECT id FROM streams_category WHERE slug = 'b'), "
         "is_listed = false WHERE slug = 'z'", "stands for itself"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", [None, Role.LEAD_MODERATOR])
def test_no_statement_breaks_the_tree(lead: User, statement: str, words: str, role: Role | None) -> None:
    category("Beta", category("Alpha", slug="a"), slug="b")
    zeta = category("Zeta", slug="z")
    category("Old", slug="m", is_listed=False, merged_into=zeta)
    connection.check_constraints()
    if role is None:
        with refused(words):
            run(statement)
            connection.check_constraints()
    else:
        with refused(f"{words}|permission denied"), acting(role, user_id=lead.pk):
            run(statement)
            connection.check_constraints()


def test_who_may_change_the_tree(lead: User) -> None:
    node = category("Games", slug="games")
    for role in ACTING_ROLES:
        with acting(role, user_id=lead.pk):
            assert run("SELECT name FROM streams_category") == [("Games",)]
            rename = "UPDATE streams_category SET name = 'Play' WHERE slug = 'games' RETURNING name"
            if role in (Role.LEAD_MODERATOR, Role.ADMINISTRATOR):
                assert run(rename) == [("Play",)]
                run("UPDATE streams_category SET name = 'Games'")
            else:
                with refused("permission denied"):
                    run(rename)
            with refused("permission denied"):
                run("DELETE FROM streams_category")
    with acting(Role.LEAD_MODERATOR):  # without a person nothing is changed
        assert run("UPDATE streams_category SET name = 'Play' RETURNING name") == []
    with acting(Role.WORKER):  # imports add what they meet
        child = category_create(name="Go", slug="go", parent_id=node.pk, actor=None)
    assert child.parent_path == node.path
    sound()


class TestMerge:
    def test_everything_leads_to_the_target(self, lead: User, announced: Announced) -> None:
        source, target = category("Shows", slug="shows"), category("Talk shows", slug="talk")
        child = category("Politics", source)
        earlier = category("Old shows", slug="old", is_listed=False, merged_into=source)
        only, both = StreamFactory(), StreamFactory()
        known = performer()
        StreamCategory.objects.create(stream=only, category=source, is_primary=True)
        StreamCategory.objects.create(stream=both, category=source, is_primary=True)
        StreamCategory.objects.create(stream=both, category=target)
        PerformerCategory.objects.create(performer=known, category=source, is_primary=True)
        for language, name in (("ko", "토크쇼"), ("de", "Sendungen")):
            CategoryAlias.objects.create(category=source, kind="translation", language=language, name=name)
        CategoryAlias.objects.create(category=target, kind="translation", language="de", name="Gespräche")
        with curating(lead) as who:
            category_merge(category_id=source.pk, target_id=target.pk, **who)
        sound()
        links = StreamCategory.objects.order_by("stream_id")
        assert [(link.stream, link.category, link.is_primary) for link in links] == [
            (only, target, True),
            (both, target, True),
        ]
        assert PerformerCategory.objects.get().category == target
        assert names_below(target) == [child.name]
        assert sorted(target.aliases.values_list("name", flat=True)) == ["Gespräche", "토크쇼"]
        assert not CategoryAlias.objects.filter(category=source).exists()
        for slug in ("shows", "old", "talk"):
            assert category_at(slug) == target
        assert Category.objects.get(pk=earlier.pk).merged_into == target
        assert categories_named("SHOWS") == [target]
        assert announced.only("category_merged")["detail"]["streams"] == 1

    def test_what_is_refused(self, lead: User) -> None:
        source, target = category("Shows"), category("Talk")
        below = category("Politics", source)
        category("Politics", target)
        merged = category("Old", is_listed=False, merged_into=target)
        with curating(lead) as who:
            for pair, words, error in (
                ((source, source), "into itself", MergeRefused),
                ((source, below), "lies below", MergeRefused),
                ((source, target), "of this name at this place", MergeRefused),
                ((merged, source), "was merged into “Talk”", CategoryUnknown),
                ((source, merged), "was merged into “Talk”", CategoryUnknown),
            ):
                with pytest.raises(error, match=words):
                    category_merge(category_id=pair[0].pk, target_id=pair[1].pk, **who)
            with pytest.raises(CategoryUnknown, match="was merged"):
                category_move(category_id=below.pk, parent_id=merged.pk, **who)
            with pytest.raises(CategoryUnknown, match="was merged"):
                category_rename(category_id=merged.pk, name="New", **who)
        sound()
        assert Category.objects.standing().count() == 4

    def test_a_merged_name_is_free_again(self, lead: User) -> None:
        source, target = category("Shows"), category("Talk")
        with curating(lead) as who:
            category_merge(category_id=source.pk, target_id=target.pk, **who)
            category_create(name="Shows", slug="shows-again", **who)
        sound()


def test_other_names(lead: User) -> None:
    chess, go = category("Chess"), category("Go")
    with curating(lead) as who:
        alias = category_alias_add(
            category_id=chess.pk, kind="translation", language="ko", name=" 체스 ", **who
        )
        category_alias_add(category_id=go.pk, kind="synonym", language="ko", name="체스", **who)
        for values, words in (
            ({"kind": "translation", "language": "ko", "name": "서양장기"}, "name in this language already"),
            ({"kind": "synonym", "language": "ko", "name": "체스"}, "has this name already"),
            ({"kind": "synonym", "language": "Korean", "name": "장기"}, "BCP 47"),
            ({"kind": "nickname", "language": "ko", "name": "장기"}, "must be one of"),
            ({"kind": "synonym", "language": "ko", "name": " "}, "blank"),
        ):
            with pytest.raises(CatalogueRefused, match=words):
                category_alias_add(category_id=chess.pk, **values, **who)
        assert categories_named("체스") == [chess, go]
        category_alias_remove(category_alias_id=alias.pk, **who)
        assert categories_named("체스") == [go]
        with pytest.raises(NotThere):
            category_alias_remove(category_alias_id=alias.pk, **who)
    with pytest.raises(CategoryUnknown, match="no category “nothing”"):
        category_at("nothing")


def test_reads_by_path_and_by_beginning() -> None:
    games = category("Games")
    category("Go", games)
    category("Gardening")
    assert [node.name for node in Category.objects.within(games.path)] == ["Games", "Go"]
    assert {node.name for node in Category.objects.beginning_with("  GA")} == {"Games", "Gardening"}


STEPS = st.lists(
    st.tuples(st.sampled_from(["create", "move", "merge"]), st.integers(0, 30), st.integers(-1, 30)),
    max_size=14,
)


@given(STEPS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_the_tree_is_sound(lead: User, steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        with curating(lead) as who:
            made = [category_create(name="Root", slug="root", **who).pk]
            for number, (step, first, second) in enumerate(steps):
                subject = made[first % len(made)]
                other = None if second < 0 else made[second % len(made)]
                try:
                    if step == "create":
                        new = category_create(
                            name=f"Name {number}", slug=f"name-{number}", parent_id=other, **who
                        )
                        made.append(new.pk)
                    elif step == "move":
                        category_move(category_id=subject, parent_id=other, **who)
                    elif other is not None:
                        category_merge(category_id=subject, target_id=other, **who)
                except Refused:
                    pass
        sound()
        for node in Category.objects.filter(merged_into__isnull=False).select_related("merged_into"):
            assert node.merged_into.merged_into_id is None
            assert category_at(node.slug) == node.merged_into
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_moves_and_additions_at_once_leave_a_sound_tree() -> None:
    lead = UserFactory()
    one, two = category("One", slug="one"), category("Two", slug="two")

    def act(service: Any, **values: Any) -> Any:
        def run_it() -> Any:
            with curating(lead) as who:
                return service(**values, **who)

        return run_it

    outcomes = at_once(
        act(category_move, category_id=one.pk, parent_id=two.pk),
        act(category_move, category_id=two.pk, parent_id=one.pk),
        act(category_create, name="Child", slug="child-a", parent_id=one.pk),
        act(category_create, name="CHILD", slug="child-b", parent_id=one.pk),
    )
    assert sorted(refusal.__name__ for refusal in refusals(outcomes)) == [
        "CatalogueRefused",
        "CategoryMoveRefused",
    ]
    sound()
    assert Category.objects.count() == 3
