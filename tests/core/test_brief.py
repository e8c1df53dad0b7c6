"""docs/brief.md keeps its promises: every line of the brief is there, and every reference leads somewhere."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

from core.documents.catalog import Table, read_catalog

BRIEF = Path(settings.BASE_DIR) / "docs" / "brief.md"
REFERENCE = re.compile(r"`(table|column|model|command|code|test) ([^`\s]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
LINES = {
    "Users": 5,
    "Performer profiles": 5,
    "Viewer profiles": 5,
    "Streams": 5,
    "Archives": 5,
    "Categories and tags": 4,
    "Transactions": 5,
    "Payment methods": 4,
    "Pricing": 4,
    "Messages": 4,
    "Reactions": 6,
    "Notifications": 4,
    "Metrics": 5,
    "Audit": 4,
    "Definitions": 5,
    "Integrity": 4,
    "Performance": 4,
    "Security": 4,
    "Deliverables": 5,
}


def _sections() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for line in BRIEF.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found[line[3:]] = []
        elif line.startswith("| ") and found and not line.startswith("| Line "):
            left, _, right = line.strip("| ").partition(" | ")
            found[list(found)[-1]].append((left, right))
    return found


def _references() -> list[tuple[str, str]]:
    return sorted(set(REFERENCE.findall(BRIEF.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module")
def tables(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> dict[str, Table]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        return read_catalog()


def _code_exists(path: str) -> bool:
    module, _, name = path.rpartition(".")
    try:
        import_module(path)
    except ModuleNotFoundError:
        return hasattr(import_module(module), name)
    return True


def _test_exists(path: str) -> bool:
    file, _, name = path.partition("::")
    full = Path(settings.BASE_DIR) / file
    return full.exists() and (not name or f"def {name}(" in full.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("kind", "what"), _references(), ids=lambda value: value)
def test_a_reference_leads_somewhere(kind: str, what: str, tables: dict[str, Table]) -> None:
    if kind == "table":
        assert what in tables
    elif kind == "column":
        table, _, column = what.partition(".")
        assert column in {found.name for found in tables[table].columns}
    elif kind == "model":
        assert apps.get_model(what)
    elif kind == "command":
        assert what in get_commands()
    elif kind == "code":
        assert _code_exists(what)
    else:
        assert _test_exists(what)


def test_links_lead_to_files() -> None:
    targets = {target.partition("#")[0] for target in LINK.findall(BRIEF.read_text(encoding="utf-8"))}
    assert [target for target in sorted(targets) if not (BRIEF.parent / target).exists()] == []


def test_every_line_of_the_brief_is_there() -> None:
    assert {title: len(rows) for title, rows in _sections().items()} == LINES


def test_every_line_leads_somewhere_or_says_not_yet() -> None:
    for title, rows in _sections().items():
        for line, where in rows:
            assert "not yet" in where or REFERENCE.search(where) or LINK.search(where), f"{title}: {line}"
