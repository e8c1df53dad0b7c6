"""`make test`: everything that must hold before a change is merged, on one server and one migrated template.

What needs no database runs beside what needs one; the tests come last, when both cores are free.
"""

import contextlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "platform"))

from tests.server import throw_away_server  # noqa: E402

#: Targets of the Makefile, without `check-`; both rows run at once, each from left to right.
BESIDE = (("lint", "types", "imports"), ("documents", "migrations"))
LAST = "pytest"


def run(step: str, shown: bool = False) -> bool:
    """Run a step and print what it said when it has ended, or at once; whether it passed."""
    began = time.monotonic()
    done = subprocess.run(
        [os.environ.get("MAKE", "make"), "--no-print-directory", f"check-{step}"],
        cwd=ROOT,
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.STDOUT,
        text=True,
        check=False,
    )
    passed = done.returncode == 0
    told = f"==> {step}: {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s\n"
    sys.stdout.write(f"{told}{done.stdout or ''}\n")
    sys.stdout.flush()
    return passed


def row(steps: tuple[str, ...]) -> bool:
    """Run steps one after the other until one fails."""
    return all(run(step) for step in steps)


def main() -> int:
    """0 when everything holds."""
    with contextlib.ExitStack() as stack:
        if "TEST_SERVER_URL" not in os.environ:
            os.environ["TEST_SERVER_URL"] = stack.enter_context(throw_away_server())
        with ThreadPoolExecutor(len(BESIDE)) as pool:
            if not all(list(pool.map(row, BESIDE))):
                return 1
        return 0 if run(LAST, shown=True) else 1


if __name__ == "__main__":
    sys.exit(main())
