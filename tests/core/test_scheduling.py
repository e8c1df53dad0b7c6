"""Which worker of xdist runs which file."""

from typing import Any

import pytest

from tests.database import ROOT
from tests.scheduling import LONG, SITE, FileScheduling

FIRST, SECOND = "tests/accounts/test_races.py", "tests/accounts/test_text.py"
COLLECTED = [
    f"{FIRST}::test_one",
    f"{FIRST}::TestMany::test_two[a::b]",
    f"{SECOND}::test_one",
    f"{LONG[-1]}::test_one",
    f"{SITE}/test_a_day.py::test_one",
    f"{SITE}/test_worker.py::test_one",
    f"{LONG[1]}::test_one",
]


class Node:
    """A worker that notes what it is given."""

    shutting_down = False

    def __init__(self) -> None:
        self.given: list[str] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given += [COLLECTED[index] for index in indices]

    def shutdown(self) -> None:
        self.shutting_down = True


@pytest.fixture
def scheduling(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> FileScheduling:
    monkeypatch.setattr(pytestconfig.option, "tx", ["popen"])
    monkeypatch.setattr(pytestconfig.option, "loadscopereorder", True, raising=False)
    return FileScheduling(pytestconfig)


def test_long_files_come_first_and_files_stay_together(scheduling: FileScheduling) -> None:
    node: Any = Node()
    scheduling.add_node(node)
    scheduling.add_node_collection(node, COLLECTED)
    scheduling.schedule()
    while not node.shutting_down:
        for index, name in enumerate(COLLECTED):
            if name in node.given:
                scheduling.mark_test_complete(node, index)
    assert node.given == [COLLECTED[6], COLLECTED[4], COLLECTED[5], COLLECTED[3], *COLLECTED[:3]]


def test_the_long_files_exist() -> None:
    assert [name for name in LONG if not (ROOT / name).exists()] == []
