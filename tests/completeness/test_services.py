"""Every service is walked: the list of exceptions is true, and each service is called by some test."""

import ast
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.completeness import exceptions
from tests.completeness.services import APPS, MODULE, ROOT, service_modules, services, yields

WRITES = frozenset(
    {"save", "create", "bulk_create", "update", "delete", "get_or_create", "update_or_create", "bulk_update"}
)
PLAIN = frozenset({"transaction.atomic", "cache"})
"""Decorators that hand the function to nobody."""

WORD = re.compile(r"\w+")
YIELDING = {
    "audit.services.in_the_name.in_the_name_of": "acts for the block in the name of a person, and writes no row",
    "audit.services.move_reasons.moving_because": "sets a reason for the block, and writes no row",
    "audit.services.takedown_imports.importing": "says for the block that it imports, and writes no row",
    "audit.services.seals.events_seal": "writes seals, which are the proof of the trail and no act of a person",
    "streams.services.moves.because": "sets a reason for the block, and writes no row",
    "streams.services.archive_purges.archives_due": "reads",
}
"""What yields acts after it was called, so that no call of it can be watched."""


def test_there_are_services_to_watch() -> None:
    assert len(services()) > 800
    assert all(MODULE.match(module) for module in service_modules())


def test_no_service_lies_deeper_than_the_watch_looks() -> None:
    deeper = [str(path) for app in APPS for path in (ROOT / app / "services").glob("*/*.py")]
    assert not deeper, "a folder below services is not watched: widen MODULE and service_modules"


def test_every_exception_is_a_service() -> None:
    unknown = sorted(set(exceptions.UNTOLD) - set(services()))
    assert not unknown, f"no such service (any more): {', '.join(unknown)}"


def test_every_exception_is_declared_once_and_for_a_reason() -> None:
    named = Counter(name for names in exceptions._REASONS.values() for name in names)
    assert [name for name, times in named.items() if times > 1] == []
    assert all(len(reason) > 20 for reason in exceptions._REASONS)


def test_what_yields_is_known() -> None:
    found = {name for name, node in services().items() if yields(node)}
    assert found == set(YIELDING)


@pytest.mark.parametrize("app", APPS)
def test_a_service_that_writes_and_nowhere_tells_is_an_exception(app: str) -> None:
    """Read from the source, so that a service which no test calls is found as well."""
    tells, writes = _reach("send"), _reach(*WRITES)
    forgotten = [
        name
        for name in services()
        if name.startswith(f"{app}.")
        and name in writes
        and name not in tells
        and name not in exceptions.UNTOLD
        and name not in YIELDING
    ]
    assert not forgotten, f"writes and tells nobody: {', '.join(forgotten)}"


@pytest.mark.parametrize("app", APPS)
def test_every_service_is_within_reach_of_a_test(app: str) -> None:
    """By name: in a test, or in code of the house outside of the services, or in a service within reach."""
    beyond = sorted(name for name in services() if name.startswith(f"{app}.") and name not in _within_reach())
    assert not beyond, f"nothing calls: {', '.join(beyond)}"


@cache
def _within_reach() -> frozenset[str]:
    words = _names(
        file
        for file in ROOT.glob("**/*.py")
        if not {".venv", "migrations", "completeness"} & set(file.parts) and "services" not in file.parts[:-1]
    )
    within: set[str] = set()
    words |= _beside_functions()
    more = {name for name in services() if name.rpartition(".")[2] in words}
    while more:
        within |= more
        called = set().union(*map(_called, more))
        more = {name for name in services() if name not in within and name.rpartition(".")[2] in called}
    return frozenset(within)


@cache
def _functions() -> dict[str, ast.FunctionDef]:
    """Private ones too, by their full name."""
    return {
        f"{module}.{node.name}": node
        for module, file in service_modules().items()
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }


@cache
def _reach(*methods: str) -> set[str]:
    """The functions of services that call such a method, themselves or through another function of services."""
    functions = _functions()
    by_name: dict[str, set[str]] = {}
    for name in functions:
        by_name.setdefault(name.rpartition(".")[2], set()).add(name)
    found = {
        name
        for name, node in functions.items()
        if any(isinstance(part, ast.Attribute) and part.attr in methods for part in ast.walk(node))
    }
    mentioned = {
        name: {
            other
            for part in ast.walk(node)
            if isinstance(part, ast.Name)
            for other in by_name.get(part.id, ())
            # A private function is one of the same module.
            if not part.id.startswith("_") or other.rpartition(".")[0] == name.rpartition(".")[0]
        }
        for name, node in functions.items()
    }
    while more := {name for name, others in mentioned.items() if name not in found and others & found}:
        found |= more
    return found


def _names(files: Iterable[Path]) -> set[str]:
    return {word for file in files for word in WORD.findall(file.read_text())}


def _beside_functions() -> set[str]:
    """What modules of services name outside of their functions, and functions that a decorator hands to somebody."""
    words: set[str] = set()
    for file in service_modules().values():
        for node in ast.parse(file.read_text()).body:
            if not isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom):
                words |= _words(node)
            elif isinstance(node, ast.FunctionDef) and set(map(ast.unparse, node.decorator_list)) - PLAIN:
                words.add(node.name)
    return words


def _words(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} | {
        part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)
    }


@cache
def _called(name: str) -> set[str]:
    module = name.rpartition(".")[0]
    reached = _words(services()[name])
    functions = _functions()
    waiting = [word for word in reached if word.startswith("_")]
    while waiting:
        node = functions.get(f"{module}.{waiting.pop()}")
        new = (_words(node) if node else set()) - reached
        reached |= new
        waiting += [word for word in new if word.startswith("_")]
    return reached
