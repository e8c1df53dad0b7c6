"""The catalogue in the back office: the tree, tags, labels."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from core.db.roles import Role
from streams.models import (
    Category,
    CategoryAlias,
    ContentLabel,
    StreamCategory,
    StreamTag,
    Tag,
    TagAlias,
    TagMerge,
)
from tests.browser import Browser
from tests.streams.factories_catalogue import StreamFactory, TagFactory, category

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]


def list_of(model: str) -> str:
    return reverse(f"admin:streams_{model}_changelist")


def page_of(row: Any) -> str:
    return reverse(f"admin:streams_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:streams_{row._meta.model_name}_action", args=[row.pk, name])


def done(browser: Browser, row: Any, name: str, /, **answers: Any) -> None:
    response = browser.do(action_on(row, name), **answers)
    assert response.status_code == 302, response.context["form"].errors


def refusal(browser: Browser, row: Any, name: str, /, **answers: Any) -> str:
    response = browser.do(action_on(row, name), **answers)
    assert response.status_code == 200
    return str(response.context["form"].errors)


def test_the_tree_is_arranged(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    add = reverse("admin:streams_category_add")
    for name in ("Games", "Music"):
        assert browser.send(add, {"name": name, "slug": name.lower()}).status_code == 302
    assert browser.send(add, {"name": "GAMES", "slug": "games-2"}).status_code == 302
    games, music = Category.objects.all()
    assert "of this name at this place" in browser.get(add).content.decode()
    done(browser, games, "add-below", name="Chess", slug="chess")
    chess = Category.objects.get(slug="chess")
    games.refresh_from_db()
    assert "cannot lie below itself" in refusal(browser, games, "move", parent_id="chess")
    assert "no category “nowhere”" in refusal(browser, games, "move", parent_id="nowhere")
    done(browser, chess, "move", parent_id="music")
    done(browser, Category.objects.get(pk=chess.pk), "rename", name="Schach", slug="")
    done(
        browser, Category.objects.get(pk=chess.pk), "add-name", kind="translation", language="ko", name="체스"
    )
    done(browser, Category.objects.get(pk=chess.pk), "unlist")
    page = browser.get(page_of(chess)).content.decode()
    assert "체스" in page and "Schach" in page
    assert "Schach" in browser.get(f"{list_of('category')}?q=체").content.decode()
    done(browser, CategoryAlias.objects.get(), "remove")
    done(browser, Category.objects.get(pk=games.pk), "merge", target_id="music")
    assert Category.objects.get(pk=games.pk).merged_into == music
    assert Category.objects.find_problems() == ([], [], [], [], [])


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_ask_the_same_number_of_queries(
    staff_client: StaffClient, rows: int, django_assert_max_num_queries: Any
) -> None:
    root = category("Root")
    stream = StreamFactory()
    for number in range(rows):
        node = category(f"Name {number}", Category.objects.get(pk=root.pk))
        tag = TagFactory()
        TagAlias.objects.create(tag=tag, name=f"other-{tag.name}")
        if number < 5:
            StreamCategory.objects.create(stream=stream, category=node)
    browser = staff_client(Role.MODERATOR)
    for model in ("category", "tag", "contentlabel", "tagalias", "categoryalias", "tagmerge"):
        with django_assert_max_num_queries(13):
            assert browser.get(list_of(model)).status_code == 200, model
    with django_assert_max_num_queries(17):
        assert browser.get(page_of(root)).status_code == 200
    page = browser.get(list_of("category")).content.decode()
    assert "└ " in page and "(level 2, below Root)" in page


def test_the_tree_is_paged_by_path(staff_client: StaffClient) -> None:
    for number in range(105):
        category(f"Name {number:03}")
    browser = staff_client(Role.AUDITOR)
    first = browser.get(list_of("category"))
    assert "Name 099" in first.content.decode() and "Name 100" not in first.content.decode()
    older = first.context["cl"].older_url
    second = browser.get(list_of("category") + older)
    assert "Name 100" in second.content.decode() and "Name 099" not in second.content.decode()
    back = browser.get(list_of("category") + second.context["cl"].newer_url)
    assert "Name 000" in back.content.decode()
    assert browser.get(f"{list_of('category')}?after=nonsense").status_code == 200


def test_tags_are_reviewed_in_bulk(staff_client: StaffClient) -> None:
    tags = TagFactory.create_batch(3)
    browser = staff_client(Role.MODERATOR)
    home = browser.get(reverse("admin:index"))
    (card,) = [card for card in home.context["cards"] if card.card.title == "Tags waiting"]
    assert card.number == 3
    url = f"{list_of('tag')}?reviewed_at__isempty=1"
    chosen = {"action": "approve", "_selected_action": [tag.pk for tag in tags[:2]]}
    page = browser.send(url, chosen)
    answers = {"confirmed": "1", "submission": page.context["token"], "reason": "words that people use"}
    versions = {f"version-{row.pk}": version for row, version in page.context["objects"]}
    assert browser.send(url, {**chosen, **answers, **versions}).status_code == 302
    assert Tag.objects.filter(is_listable=True, reviewed_by=browser.user).count() == 2
    done(browser, tags[2], "ban")
    assert not Tag.objects.get(pk=tags[2].pk).is_usable
    assert browser.get(action_on(tags[2], "merge")).status_code == 403


def test_a_merge_is_looked_at_done_and_undone(staff_client: StaffClient) -> None:
    source, target = TagFactory(name="letsplay"), TagFactory(name="lets-play")
    both = StreamFactory()
    for stream, tag in ((both, source), (both, target), (StreamFactory(), source)):
        StreamTag.objects.create(stream=stream, tag=tag)
    browser = staff_client(Role.LEAD_MODERATOR)
    url = action_on(source, "merge")
    assert "Show what would move" in browser.get(url).content.decode()
    assert "There is no tag" in browser.get(f"{url}?target=unknown").content.decode()
    page = browser.get(f"{url}?target=%23Lets+Play").content.decode()
    assert "2 streams carry the tag, 1 of them both" in page
    assert not TagMerge.objects.exists()
    response = browser.do(f"{url}?target=lets-play")
    assert response.status_code == 302, response.context["form"].errors
    assert StreamTag.objects.filter(tag=target).count() == 2
    merge = TagMerge.objects.get()
    assert "1 had both" in browser.get(page_of(merge)).content.decode()
    done(browser, merge, "undo")
    assert StreamTag.objects.filter(tag=source).count() == 2
    assert "does not apply" in str(browser.get(action_on(merge, "undo"), follow=True).content)
    done(browser, Tag.objects.get(pk=source.pk), "add-spelling", name="LP")
    done(browser, TagAlias.objects.get(), "remove")


def test_the_vocabulary_is_edited(staff_client: StaffClient) -> None:
    browser = staff_client(Role.ADMINISTRATOR)
    values = {"name": "Loud", "description": "", "severity": "mild", "minimum_age": 12}
    add = reverse("admin:streams_contentlabel_add")
    assert browser.send(add, {"code": "loud", **values}).status_code == 302
    label = ContentLabel.objects.get(code="loud")
    done(browser, label, "change", **{**values, "minimum_age": 16})
    label.refresh_from_db()
    assert (label.minimum_age, label.is_in_use) == (16, False)
    assert "Earlier states" in browser.get(page_of(label)).content.decode()
    moderator = staff_client(Role.MODERATOR)
    assert moderator.get(add).status_code == 403
    assert moderator.get(action_on(label, "change")).status_code == 403
