"""What every test needs: the database of the run. Fixtures of one area live beside its tests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import environ
import hypothesis
import pytest
from django.test import TransactionTestCase

from core.db.roles import Role
from tests.database import TESTER, Databases, as_mapping, databases
from tests.pooler import PGBOUNCER, pooler
from tests.restoring import WorkerDatabase

if TYPE_CHECKING:
    from tests.browser import Browser

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

MADE = pytest.StashKey[Databases]()
OPEN = pytest.StashKey[contextlib.ExitStack]()
ADDRESSES = pytest.StashKey["Addresses"]()
DIRECT = pytest.StashKey[bool]()


@dataclass(frozen=True)
class Addresses:
    """Where the database of this worker is reached: at the server itself, and through the pooler of the run."""

    server: str
    pooled: str

    def take(self, *, direct: bool) -> None:
        """Let Django connect to one or the other from now on."""
        from django.db import connection

        address = environ.Env.db_url_config(self.server if direct else self.pooled)
        if address["PORT"] != connection.settings_dict["PORT"]:
            connection.close()
        for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
            connection.settings_dict[key] = address[key]


def pytest_configure(config: pytest.Config) -> None:
    """The one marker of the suite's own."""
    config.addinivalue_line(
        "markers",
        "direct(reason): connects to the server itself, not through PgBouncer, because it needs a session.",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests go through the pooler, but for those marked `direct`."""
    item.config.stash[DIRECT] = item.get_closest_marker("direct") is not None
    if addresses := item.config.stash.get(ADDRESSES, None):
        addresses.take(direct=item.config.stash[DIRECT])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With xdist: who runs what, in which order."""
    from tests.scheduling import FileScheduling

    return FileScheduling(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """With xdist: the controller makes the server and hands it to each worker."""
    node.workerinput["databases"] = as_mapping(_make(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whoever made the server removes it."""
    if stack := config.stash.get(OPEN, None):
        stack.close()


@pytest.fixture(scope="session")
def test_databases(pytestconfig: pytest.Config) -> Databases:
    """The server of this run and its template database."""
    handed_over = getattr(pytestconfig, "workerinput", None)
    return Databases(**handed_over["databases"]) if handed_over else _make(pytestconfig)


@pytest.fixture(scope="session")
def django_db_setup(
    pytestconfig: pytest.Config, test_databases: Databases, django_db_blocker: Any
) -> Iterator[None]:
    """Connect Django to this worker's clone, and restore it after tests that commit."""
    from django.db import connection

    worker = getattr(pytestconfig, "workerinput", {}).get("workerid", "only")
    name = f"{test_databases.run}_{worker}"
    database = WorkerDatabase(test_databases, name)
    database.clone()
    addresses = Addresses(test_databases.url(name), test_databases.url(name, pooled=True))
    addresses.take(direct=pytestconfig.stash[DIRECT])
    pytestconfig.stash[ADDRESSES] = addresses

    def restore(test: TransactionTestCase) -> None:
        """In place of `flush`: facts refuse TRUNCATE, and what migrations wrote must come back."""
        connection.close()
        database.restore()

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", restore)
    yield
    patch.undo()
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture
def staff_client(db: None) -> Callable[..., Browser]:
    """Make a browser in which somebody signed in through the page: `staff_client(Role.MODERATOR)`.

    `user` signs in as that person, whose roles are as they are; the first role is acted in.
    """
    from tests.accounts.factories import PASSWORD, staff
    from tests.browser import Browser

    def make(*roles: Role, user: Any = None) -> Browser:
        browser = Browser()
        browser.user = user or staff(*roles)
        response = browser.sign_in(browser.user.handle, PASSWORD, roles[0])
        assert response.status_code == 302, "the sign-in was refused"
        return browser

    return make


def _make(config: pytest.Config) -> Databases:
    if MADE not in config.stash:
        stack = config.stash[OPEN] = contextlib.ExitStack()
        made = stack.enter_context(databases())
        if PGBOUNCER:
            made = replace(
                made, pooler=stack.enter_context(pooler(made.superuser, made.passwords, administrator=TESTER))
            )
        config.stash[MADE] = made
    return config.stash[MADE]
