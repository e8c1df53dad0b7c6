"""The schedule: a list that fits together, and a command that prints it."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command, get_commands

from config.logins import OWNER_COMMANDS
from core.jobs.checks import check_schedule
from core.jobs.job import MAINTENANCE
from core.jobs.schedule import Scheduled, problems, schedule, scheduled_jobs

AT = datetime(2026, 3, 31, 23, 59, 30, tzinfo=UTC)


def test_the_schedule_of_the_house_fits_together() -> None:
    assert check_schedule(None) == []
    assert {
        "partitions_maintain",
        "submissions_forget",
        "restrictions_expire",
        "quarantines_end",
        "sessions_forget",
    } <= {entry.command for entry in schedule()}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Scheduled("dance", "* * * * *", "Fun."), "is no command"),
        (Scheduled("quarantines_end", "every day", "x"), "'every day' makes no sense"),
        (Scheduled("quarantines_end", "99 * * * *", "x"), "makes no sense"),
        (Scheduled("quarantines_end", "* * * * *", "x", queue="slow"), "no worker serves the queue slow"),
        (
            Scheduled("quarantines_end", "* * * * *", "x", queue=MAINTENANCE),
            "its queue is default, not maintenance",
        ),
        (Scheduled("partitions_maintain", "* * * * *", "x"), "its queue is maintenance, not default"),
        (Scheduled("quarantines_end", "* * * * *", " "), "nobody can see what it is for"),
    ],
)
def test_what_does_not_fit_is_named(entry: Scheduled, words: str) -> None:
    (problem,) = problems((entry,), get_commands(), OWNER_COMMANDS)
    assert words in problem


def test_nothing_stands_there_twice() -> None:
    entry = Scheduled("quarantines_end", "* * * * *", "x")
    (problem,) = problems((entry, entry), get_commands(), OWNER_COMMANDS)
    assert "stands there twice" in problem


@pytest.mark.parametrize(
    ("cron", "following"),
    [
        ("* * * * *", datetime(2026, 4, 1, tzinfo=UTC)),
        ("15 2 * * *", datetime(2026, 4, 1, 2, 15, tzinfo=UTC)),
        ("0 0 1 1 *", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_utc(cron: str, following: datetime) -> None:
    assert Scheduled("x", cron, "x").next_run(AT) == following


def test_the_list_is_printed_with_the_next_run_first(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("schedule")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(schedule())
    assert lines == sorted(lines, key=lambda line: line[:16])
    assert any("partitions_maintain" in line and "maintenance" in line for line in lines)


def test_entries_are_jobs_that_make_their_own_transactions() -> None:
    jobs = scheduled_jobs()
    assert not any(job.atomic for job in jobs.values())
    assert {job.queue for job in jobs.values()} == {"default", "maintenance"}
