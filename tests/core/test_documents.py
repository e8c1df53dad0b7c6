"""The generated documents say what the schema says, and stale ones are named."""

import io
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from core.checks import HOUSE_APPS
from core.documents import erd
from core.documents.catalog import Table, read_catalog
from core.documents.dictionary import models_by_table, page_of
from core.documents.markdown import cell, replaced, table
from core.documents.pages import differences, docs_folder, generated_pages, write
from core.documents.words import constraint_words, index_words, rows_in_words
from core.models.storage import retention_of, volume_of


@pytest.fixture
def tables(db: None) -> dict[str, Table]:
    return read_catalog()


@pytest.fixture
def folder(db: None, tmp_path: Path) -> Path:
    """A folder of documents that is up to date, drawings left out."""
    for name in ("security.md", "indexing.md"):
        (tmp_path / name).write_text((docs_folder() / name).read_text(encoding="utf-8"), encoding="utf-8")
    write(differences(tmp_path, generated_pages(tmp_path)))
    return tmp_path


def test_committed_documents_are_up_to_date(db: None) -> None:
    stale = differences(docs_folder(), generated_pages(docs_folder()))
    assert [change.summary for change in stale] == []


def test_the_same_schema_gives_the_same_documents(folder: Path) -> None:
    assert generated_pages(folder) == generated_pages(folder)
    assert differences(folder, generated_pages(folder)) == []


def test_check_names_the_stale_document(folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON COLUMN accounts_user.country IS 'Where the person says they live.'")
    errors = io.StringIO()
    with pytest.raises(CommandError, match="1 document"):
        call_command("write_docs", check=True, folder=folder, stdout=io.StringIO(), stderr=errors)
    assert "dictionary/accounts.md: 1 line(s) to add, 1 to remove" in errors.getvalue()
    assert "Where the person says they live." in errors.getvalue()


def test_a_page_of_an_app_that_is_gone_is_removed(folder: Path) -> None:
    gone = folder / "dictionary" / "gone.md"
    gone.write_text("# Tables of an app that is gone", encoding="utf-8")
    (change,) = differences(folder, generated_pages(folder))
    assert "is not generated any more" in change.summary
    write([change])
    assert not gone.exists()


def test_a_page_that_lost_its_markers_is_named(folder: Path) -> None:
    (folder / "security.md").write_text("# Security", encoding="utf-8")
    with pytest.raises(CommandError, match="generated: access matrix"):
        call_command("write_docs", check=True, folder=folder)


def test_documents_are_not_written_from_an_empty_database(folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE accounts_usersession CASCADE")
    with pytest.raises(CommandError, match=r"no table accounts_usersession.*migrate"):
        call_command("write_docs", folder=folder)
    assert (folder / "dictionary" / "accounts.md").exists()


def test_hand_written_text_around_a_generated_part_stays() -> None:
    page = "# Before\n\n<!-- generated: x -->\nold\n<!-- end of generated: x -->\n\nAfter\n"
    new = replaced(page, "x", "new")
    assert new == "# Before\n\n<!-- generated: x -->\n\nnew\n\n<!-- end of generated: x -->\n\nAfter\n"
    assert replaced(new, "x", "new") == new


def test_cells_survive_bars_and_line_breaks() -> None:
    assert cell("a | b\n c") == r"a \| b c"
    assert table(("A",), []) == ""


def test_every_table_column_index_and_constraint_has_words(tables: dict[str, Table]) -> None:
    models, silent = models_by_table(), []
    for name, entry in tables.items():
        if not page_of(name, models):
            continue
        model = models.get(name)
        silent += [name] * (not entry.comment)
        silent += [f"{name}.{column.name}" for column in entry.columns if not column.comment]
        silent += [f"{name}.{trigger.name}" for trigger in entry.triggers if not trigger.words]
        silent += [index.name for index in entry.indexes if not index_words(index, entry, model)]
        silent += [item.name for item in entry.constraints if not constraint_words(item, model)]
    assert silent == []


def test_every_house_model_says_its_size_and_life() -> None:
    for model in apps.get_models():
        if model._meta.app_label in HOUSE_APPS - {"kernel"} and not model._meta.proxy:
            assert volume_of(model), model
            assert retention_of(model), model


def test_policies_read_as_sentences(tables: dict[str, Table]) -> None:
    conditions = {policy.using for policy in tables["accounts_restriction"].policies}
    words = {rows_in_words(condition) for condition in conditions}
    assert "every row" in words
    assert "`user_id = ME`" in words
    assert all("current_setting" not in text for text in words)


def test_reading_the_catalog_leaves_the_search_path_alone(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        before = cursor.fetchone()
        read_catalog()
        cursor.execute("SELECT current_setting('search_path')")
        assert cursor.fetchone() == before


def test_drawings_show_every_table_and_no_history() -> None:
    drawn = erd.drawings()
    for model in erd.drawn_models():
        assert model._meta.db_table in drawn[model._meta.app_label]
        assert model.__name__ in drawn[erd.OVERVIEW]
    assert "Historical" not in "".join(drawn.values())
    assert "Created:" not in "".join(drawn.values())


def test_the_tables_that_matter_exist_and_are_few() -> None:
    models = [apps.get_model(label) for label in erd.TABLES_THAT_MATTER]
    assert len(models) == len(set(models)) <= erd.MOST_TABLES
    drawing = erd.drawings()[erd.TABLES_25]
    assert all(model._meta.db_table in drawing for model in models)


def test_committed_drawings_are_of_the_committed_texts() -> None:
    """Graphviz draws them; without it this still tells that somebody forgot to."""
    folder = docs_folder() / "erd"
    stale = [
        text.name
        for text in sorted(folder.glob("*.dot"))
        if not erd.is_drawn_from(text.with_suffix(".svg"), text.read_text(encoding="utf-8"))
    ]
    assert stale == []


def test_without_graphviz_the_drawing_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erd.shutil, "which", lambda name: None)
    svg = tmp_path / "x.svg"
    svg.write_text("<svg/>", encoding="utf-8")
    assert erd.draw("digraph {}", svg) is False
    assert svg.read_text(encoding="utf-8") == "<svg/>"


def test_a_drawing_names_the_text_it_was_made_of(tmp_path: Path) -> None:
    if erd.shutil.which("dot") is None:
        pytest.skip("Graphviz is not installed.")
    svg = tmp_path / "x.svg"
    assert erd.draw("digraph { a -> b }", svg)
    assert erd.is_drawn_from(svg, "digraph { a -> b }")
    assert not erd.is_drawn_from(svg, "digraph { a -> c }")


def test_links_in_the_documents_lead_to_files_and_headings() -> None:
    root = docs_folder().parent
    broken = []
    for page in [root / "README.md", root / "CONTRIBUTING.md", *sorted(docs_folder().rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)\s:]+)\)", page.read_text(encoding="utf-8")):
            path, _, heading = target.partition("#")
            file = (page.parent / path) if path else page
            if not file.exists() or (heading and heading not in _anchors(file)):
                broken.append(f"{page.relative_to(root)}: {target}")
    assert broken == []


def _anchors(page: Path) -> set[str]:
    """What the headings of a page are called in addresses."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_linter_is_asked_to_overlook_little_and_each_with_a_reason() -> None:
    lines = (docs_folder() / "schema_lint.ignore").read_text(encoding="utf-8").splitlines()
    ignored = [line for line in lines if line and not line.startswith("#")]
    assert len(ignored) <= 10
    overlooked_everywhere = {line.split()[0] for line in ignored if line.split()[1].startswith("*")}
    assert overlooked_everywhere == {"policy_always_true", "partition_no_default"}
    whole = {line.split()[0] for line in ignored if re.match(r"\S+\s+vbl\.([a-z]+_)?\*\s", line)}
    assert whole == {"appendonly_may_change"}, (
        "no app is overlooked as a whole but where a test of ours, which the line names, asks for more"
    )
    assert all(line.partition("#")[2].strip() for line in ignored)
