"""Everything between an installed checkout and a running back office."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import embedded
from core.embedded.location import project_directory
from core.embedded.server import HOST, is_free

FIRST_PORT = 8000
PATIENCE = 60  # seconds until the site must answer


class Command(BaseCommand):
    """Start the database, migrate, load the demo and serve it; each step says that it begins."""

    help = "Serve the demo: starts the database, migrates, loads the data once, and prints the address."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--port", type=int, help=f"By default the first free one from {FIRST_PORT}.")

    def handle(self, *, port: int | None, **options: Any) -> None:
        """Serve until interrupted. Raises CommandError when a step fails."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        if settings.DATABASES["default"].get("EMBEDDED"):
            self._say("Starting PostgreSQL 18 (the first start also makes its data directory)")
            house = embedded.embedded()
            house.start()
            state = f"{date.today()} {source_digest()}"  # noqa: DTZ011  (a day of this machine's calendar)
            if house.mark("demo") == state:
                self._say("Schema and demo are as this code made them today")
            else:
                self._fill()
                house.set_mark("demo", state)
        else:
            self._fill()
        self._serve(port or next(number for number in range(FIRST_PORT, 65536) if is_free(number)))

    def _fill(self) -> None:
        self._manage("Bringing the schema up to date", "migrate", "--verbosity", "1")
        self._manage("Loading the demo (the first time takes about five minutes)", "load_demo")

    def _manage(self, title: str, *arguments: str) -> None:
        self._say(title)
        done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, check=False)
        if done.returncode != 0:
            raise CommandError(f"`manage.py {' '.join(arguments)}` failed; what it said stands above.")

    def _serve(self, port: int) -> None:
        self._say("Starting the site")
        site = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "config.wsgi", "--pythonpath", "platform"),
                *("--bind", f"{HOST}:{port}", "--workers", "2", "--threads", "4", "--log-level", "warning"),
            ],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]},
        )
        workers: list[subprocess.Popen[bytes]] = []
        try:
            self._wait_for(site, port)
            self._show_the_way(port)
            # After the site, so that nobody waits for them: the background work, the maintenance, the ingest server.
            workers = [
                self._worker("worker", "--concurrency", "1", "--quiet"),
                self._worker("maintenance_worker", "--concurrency", "1", "--quiet"),
                self._worker("demo_ingest"),
            ]
            site.wait()
        except KeyboardInterrupt:
            self._say("Stopping")
        finally:
            for process in (site, *workers):
                process.terminate()
            for process in (site, *workers):
                process.wait(timeout=30)
        if site.returncode not in (0, -signal.SIGINT, -signal.SIGTERM):
            raise CommandError(f"The site ended with status {site.returncode}; its last words stand above.")

    def _worker(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A process beside the site that ends with this one, however it ends, and says only what goes wrong."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments, f"--parent={os.getpid()}"], cwd=settings.BASE_DIR
        )

    def _wait_for(self, site: subprocess.Popen[bytes], port: int) -> None:
        deadline = time.monotonic() + PATIENCE
        answer: object = "nothing"
        while time.monotonic() < deadline and site.poll() is None:
            try:
                with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5) as response:
                    answer = json.load(response)
                    return
            except urllib.error.HTTPError as error:
                answer = error
            except OSError:
                pass
            time.sleep(0.1)
        raise CommandError(f"The site did not come up within {PATIENCE} s; it answered: {answer}.")

    def _show_the_way(self, port: int) -> None:
        sign_ins = Path(project_directory(), "demo-sign-ins")
        if sign_ins.exists():
            self.stdout.write(f"\nOne sign-in per staff role (kept in {sign_ins}):\n{sign_ins.read_text()}")
        self.stdout.write(f"\nThe back office is at http://{HOST}:{port}/  (Ctrl-C stops it)")
        self.stdout.flush()

    def _say(self, words: str) -> None:
        self.stdout.write(f"==> {words}")
        self.stdout.flush()


def source_digest() -> str:
    """A digest of the project's code: while it is the same, so are schema, grants and demo."""
    digest = hashlib.sha256()
    root = Path(settings.BASE_DIR)
    for file in (root / "requirements.txt", *sorted(root.glob("[a-z]*/**/*.py"))):
        digest.update(bytes(file.relative_to(root)) + b"\0" + file.read_bytes())
    return digest.hexdigest()
