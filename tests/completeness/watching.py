"""Public services, wrapped as their modules are imported: who changes rows and tells nobody is found out.

Watched is the outermost call of a service. Within a transaction it is looked at when it returns; a call that makes its
own transactions is looked at before each of them commits.
"""

import functools
import importlib.abc
import importlib.machinery
import inspect
import sys
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.completeness.changes import Counter
from tests.completeness.exceptions import UNTOLD
from tests.completeness.services import MODULE

LOOKS = 6
"""So many calls of one service are looked at in one process; the others pass at the cost of a comparison."""


@dataclass(frozen=True)
class Finding:
    """A service that changed tables and wrote no event in the same transaction."""

    service: str
    tables: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.service} changed {', '.join(self.tables)} and told nobody: announce what it did, or say why not in "
            "tests/completeness/exceptions.py."
        )


@dataclass
class Watch(threading.local):
    """What one thread is doing: the service it is in, and how its transactions are counted."""

    service: str = ""
    looking: bool = False
    counter: Counter | None = None
    undone: bool = False


WATCH = Watch()
"""One for the whole process, as the hooks in Django are."""


@dataclass
class Watcher:
    """Everything that was seen in this process."""

    looks: int = LOOKS
    declared: frozenset[str] = frozenset(UNTOLD)
    findings: list[Finding] = field(default_factory=list)
    looked: Tally[str] = field(default_factory=Tally)
    called: set[str] = field(default_factory=set)
    seconds: float = 0.0
    watch: Watch = field(default_factory=lambda: WATCH)

    def wrap(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """The same function, watched."""

        @functools.wraps(function)
        def watched(*arguments: Any, **named: Any) -> Any:
            self.called.add(name)
            if self.watch.service:
                return function(*arguments, **named)
            self.watch.service = name
            try:
                if self.looked[name] >= self.looks or name in self.declared:
                    return function(*arguments, **named)
                return self._look(function, name, arguments, named)
            finally:
                # Whether it was looked at or not, what it called was its to tell.
                self.watch.service, self.watch.counter, self.watch.looking = "", None, False

        return watched

    def taken(self) -> list[Finding]:
        """What was found since this was last asked."""
        found, self.findings[:] = list(dict.fromkeys(self.findings)), []
        return found

    def _look(self, function: Callable[..., Any], name: str, arguments: Any, named: Any) -> Any:
        inside = connection.in_atomic_block and connection.connection is not None
        counter = Counter(connection.connection) if inside else None
        if counter and not (counter.usable() and counter.can_change()):
            return function(*arguments, **named)
        self.looked[name] += 1
        self.watch.undone = False
        if not counter:
            self.watch.looking = True
            return function(*arguments, **named)
        self._timed(counter.begin_inside)
        try:
            answer = function(*arguments, **named)
            self._timed(lambda: self._compare(counter))
            return answer
        finally:
            if counter.usable() and connection.in_atomic_block:
                self._timed(counter.end_inside)

    def begin(self, wrapper: BaseDatabaseWrapper) -> None:
        """A transaction begins, perhaps within a service that was called outside of any."""
        if self.watch.looking and not wrapper.in_atomic_block and wrapper.connection is not None:
            self.watch.counter, self.watch.undone = Counter(wrapper.connection), False
            self._timed(self.watch.counter.begin_outside)

    def commit(self, wrapper: BaseDatabaseWrapper) -> None:
        """A transaction is about to commit."""
        counter, self.watch.counter = self.watch.counter, None
        if counter and counter.raw is wrapper.connection and counter.usable():
            self._timed(lambda: self._compare(counter))

    def undo(self) -> None:
        """Something was rolled back to a savepoint: from now on the counters count too much."""
        self.watch.undone = True

    def _compare(self, counter: Counter) -> None:
        tables, told = counter.changed(partly_undone=self.watch.undone)
        if tables and not told:
            self.findings.append(Finding(self.watch.service, tuple(sorted(tables))))

    def _timed(self, act: Callable[[], None]) -> None:
        began = time.perf_counter()
        act()
        self.seconds += time.perf_counter() - began


class Importer(importlib.abc.MetaPathFinder):
    """Wraps the services of a module when it has been executed, before anybody takes them from it."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The usual answer for a module of services, with a loader that wraps; nothing for any other."""
        if not MODULE.match(fullname):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec and spec.loader:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                wrap_module(module, self.watcher)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def wrap_module(module: ModuleType, watcher: Watcher) -> None:
    """Watch the public functions that a module defines. What yields is not watched: it acts after it was called."""
    for name, value in list(vars(module).items()):
        if (
            inspect.isfunction(value)
            and value.__module__ == module.__name__
            and not name.startswith("_")
            and not inspect.isgeneratorfunction(inspect.unwrap(value))
        ):
            setattr(module, name, watcher.wrap(value, f"{module.__name__}.{name}"))


def install(watcher: Watcher) -> None:
    """Watch services from now on. Called before any of them was imported."""
    early = sorted(name for name in sys.modules if MODULE.match(name))
    if early:
        raise RuntimeError(f"Services were imported before they could be watched: {', '.join(early)}")
    sys.meta_path.insert(0, Importer(watcher))
    begin, commit, undo = (
        BaseDatabaseWrapper.set_autocommit,
        BaseDatabaseWrapper.commit,
        BaseDatabaseWrapper.savepoint_rollback,
    )

    @functools.wraps(begin)
    def set_autocommit(self: BaseDatabaseWrapper, autocommit: bool, *arguments: Any, **named: Any) -> None:
        if not autocommit:
            watcher.begin(self)
        begin(self, autocommit, *arguments, **named)

    @functools.wraps(commit)
    def watched_commit(self: BaseDatabaseWrapper) -> None:
        watcher.commit(self)
        commit(self)

    @functools.wraps(undo)
    def savepoint_rollback(self: BaseDatabaseWrapper, sid: str) -> None:
        watcher.undo()
        undo(self, sid)

    BaseDatabaseWrapper.set_autocommit = set_autocommit  # type: ignore[method-assign]
    BaseDatabaseWrapper.commit = watched_commit  # type: ignore[method-assign]
    BaseDatabaseWrapper.savepoint_rollback = savepoint_rollback  # type: ignore[method-assign]
