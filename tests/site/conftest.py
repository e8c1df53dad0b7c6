"""A running site: gunicorn, connected as the real login `vbl_app`, through the pooler, on a clone of the template."""

import gzip
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from core.db.roles import Role
from core.embedded.server import is_free
from tests.database import ROOT, Databases

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PEOPLE = 30


@dataclass
class Site:
    """Address of the site, its database by login, and the passwords of its staff.

    The owner connects to the server itself; `vbl_app` goes through the pooler, where PgBouncer is installed.
    """

    url: str
    owner_url: str
    app_url: str
    staff: dict[str, str] = field(default_factory=dict)

    def owner(self, statement: str, *parameters: object) -> list[tuple]:
        """Look into the database as its owner."""
        with psycopg.connect(self.owner_url) as connection:
            return connection.execute(statement, parameters).fetchall()  # type: ignore[arg-type]


def _manage(environment: dict[str, str], *arguments: str, words: str = "") -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        input=words,
        text=True,
        check=True,
        capture_output=True,
    )


def _write_people(folder: Path) -> None:
    header = "new_id,days,mature,views,partner\n"
    rows = "".join(f"{number},{number + 10},False,100,False\n" for number in range(PEOPLE))
    for file, body in (("ENGB_users.csv.gz", rows), ("PTBR_users.csv.gz", "")):
        with gzip.open(folder / file, "wt") as people:
            people.write(header + body)


@pytest.fixture(scope="session")
def site(test_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site with thirty people and its first administrator, `first_admin`."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    name = f"{test_databases.run}_site_{worker}"
    test_databases.clone(name)
    owner_url = test_databases.url(name, Role.OWNER.value)
    app_url = test_databases.url(name, Role.APP.value, pooled=True)
    environment = {
        **os.environ,
        "DATABASE_URL": app_url,
        "OWNER_DATABASE_URL": owner_url,
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "SECRET_KEY": secrets.token_urlsafe(48),
        # The keys that the template database knows.
        "KEYS_DIRECTORY": str(settings.KEYS_DIRECTORY),
    }
    folder = tmp_path_factory.mktemp("follow_graph")
    _write_people(folder)
    _manage(environment, "import_dataset", "follow_graph", str(folder))
    password = secrets.token_urlsafe(16)
    _manage(environment, "staff_bootstrap", "first_admin", "--password-stdin", words=password + "\n")
    port = next(number for number in range(18000, 19000) if is_free(number))
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "config.wsgi", "--pythonpath", "platform"),
            *("--bind", f"127.0.0.1:{port}", "--threads", "4", "--log-level", "warning"),
        ],
        cwd=ROOT,
        env=environment,
    )
    running = Site(f"http://127.0.0.1:{port}", owner_url, app_url, {"first_admin": password})
    try:
        _wait_for(running.url)
        yield running
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the site did not come up")


@pytest.fixture(scope="package")
def browser() -> Iterator:
    """Chromium without a window; tests that need it are skipped where it is not installed."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, site: Site) -> Iterator:
    """A fresh page of a fresh visitor; an answer of 500 or an error in the page fails the test."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("response", lambda answer: faults.append(answer.url) if answer.status >= 500 else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert faults == []
