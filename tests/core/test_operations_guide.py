"""The guide to operations names every alert there is, and nothing that is not there."""

import re
from importlib import import_module
from inspect import getmodule, getsource

import pytest
from django.core.management import get_commands, load_command_class

from audit.choices import SecurityKind
from core.admin import home
from core.db.roles import STAFF_ROLES
from core.documents.pages import docs_folder
from core.health import take_health
from core.jobs.schedule import schedule
from tests.database import ROOT

GUIDE = (docs_folder() / "operations.md").read_text(encoding="utf-8")
ALERTS = GUIDE.partition("\n## Alerts and what to do\n")[2].partition("\n## ")[0]
WHO = {"operators", "nobody", *(role.label.lower() for role in STAFF_ROLES)}
WARNING = re.compile(
    r"id=\"((?:core|audit|accounts|analytics|billing|engagement|performers|streams)\.W\d{3})\""
)


def rows(title: str) -> dict[str, list[str]]:
    """The other cells of each row below a heading, by each name in its first cell."""
    part = ALERTS.partition(f"\n### {title}\n")[2].partition("\n### ")[0]
    found = {}
    for line in part.splitlines():
        if line.startswith("| ") and not line.startswith(
            ("| Check |", "| Warning |", "| Command |", "| Kind |", "| Card |")
        ):
            first, *others = (cell.strip() for cell in line.strip("|").split(" | "))
            found |= {name.strip().strip("`"): others for name in first.split(";")}
    return found


def test_every_check_of_health_is_named(db: None) -> None:
    assert set(rows("Health")) == set(take_health().findings)


def test_every_warning_of_the_system_check_is_named() -> None:
    declared = {
        found
        for folder in (
            "platform",
            "accounts",
            "analytics",
            "audit",
            "billing",
            "engagement",
            "performers",
            "streams",
        )
        for file in (ROOT / folder).rglob("*.py")
        for found in WARNING.findall(file.read_text(encoding="utf-8"))
    }
    assert declared
    assert set(rows("Settings and schema")) == declared


def test_every_kind_of_security_event_is_named() -> None:
    assert set(rows("Security events")) == set(SecurityKind.values)


def test_every_scheduled_command_that_ends_with_what_it_found_is_named() -> None:
    apps = get_commands()
    failing = {
        entry.command
        for entry in schedule()
        if "CommandError" in getsource(getmodule(load_command_class(apps[entry.command], entry.command)))  # type: ignore[arg-type]
    }
    assert failing
    assert set(rows("Scheduled commands that fail")) == failing


def test_every_card_of_the_home_pages_is_named() -> None:
    import_module("config.urls")
    titles = {card.title for card in home._cards}
    work = " ".join(ALERTS.partition("The others are ordinary work: ")[2].split()).rstrip(".").split(", ")
    faults = ALERTS.partition("\n### Home pages\n")[2]
    named = [
        name.strip()
        for line in faults.splitlines()
        if line.startswith("| ") and not line.startswith("| Card |")
        for name in line.strip("|").split(" | ")[0].split(";")
    ]
    assert sorted([*named, *work]) == sorted(titles)


@pytest.mark.parametrize(
    "title",
    ["Health", "Settings and schema", "Scheduled commands that fail", "Security events", "Home pages"],
)
def test_each_says_what_it_means_who_acts_and_what_is_done_first(title: str) -> None:
    for name, cells in rows(title).items():
        assert len(cells) == 3, name
        assert all(cells), name
        assert set(re.split(r", (?:then )?", cells[1])) <= WHO, name


def test_every_command_in_the_guide_exists() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", GUIDE))
    assert len(named) > 10
    assert named <= set(get_commands())
