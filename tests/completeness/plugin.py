"""The plugin of pytest: a test in which a service changed rows and told nobody fails.

Loaded by `-p` in pyproject.toml, before Django and so before any service. With `--services-called FILE` every process
adds the services that it saw to a file, and `python -m tests.completeness FILE` names those that no test calls.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.completeness.watching import LOOKS, Watcher, install

WATCHER = Watcher()
install(WATCHER)


def _told() -> None:
    if found := WATCHER.taken():
        pytest.fail("\n".join(map(str, found)), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Services called by fixtures are watched too."""
    yield
    _told()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that passed fails for what its services did not tell."""
    yield
    _told()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to write which services were called, and how closely to look."""
    parser.addoption(
        "--services-called", metavar="FILE", help="add the services that the tests called to this file"
    )
    parser.addoption(
        "--looks",
        metavar="N",
        type=int,
        default=LOOKS,
        help="look at so many calls of each service in a process",
    )


def pytest_configure(config: pytest.Config) -> None:
    """As closely as was asked for."""
    WATCHER.looks = config.getoption("--looks")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One line per service, written at once: processes end at the same time."""
    if file := session.config.getoption("--services-called"):
        with Path(file).open("a") as out:
            out.write("".join(f"{name}\n" for name in sorted(WATCHER.called)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What watching cost, in the runs of one process."""
    if WATCHER.looked and terminalreporter.verbosity >= 0:
        terminalreporter.write_line(
            f"{WATCHER.looked.total()} calls of {len(WATCHER.looked)} services looked at in {WATCHER.seconds:.1f} s"
        )
