"""How long a page of the trail takes with a million events: `python -m benchmarks.trail [--events N]`.

Makes a throw-away database, fills it, and asks each question of the trail browser as a role that reads every event
and as one that reads a part. Prints the median and the 95th percentile in milliseconds: of the query alone, and of
the whole page through the site.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

REPEATS = 40
Questions = dict[str, dict[str, str]]


def milliseconds(action: Callable[[], Any]) -> tuple[float, float]:
    """Median and 95th percentile of `REPEATS` calls, after five that are not counted."""
    for _ in range(5):
        action()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def questions(staff: list[str]) -> Questions:
    """What people ask of the trail, as the address of its list."""
    from audit.models import Event

    middle = Event.objects.filter(area="people").order_by("-pk")[20_000]
    actor, subject = staff[7], str(middle.subject_id)
    return {
        "newest": {},
        "20,000 events back": {"after": str(middle.pk)},
        "by actor": {"actor": actor},
        "by actor, deep": {"actor": actor, "after": str(middle.pk)},
        "by subject": {"subject": subject},
        "by action": {"action": "user_suspended"},
        "by time": {"since": f"{middle.created_at:%Y-%m-%d}", "until": f"{middle.created_at:%Y-%m-%d}"},
        "by actor, action, time": {
            "actor": actor,
            "action": "user_suspended",
            "since": f"{middle.created_at:%Y-%m-%d}",
        },
    }


def measure(asked: Questions) -> Iterator[str]:
    """One line for each role and question."""
    from django.contrib.admin.sites import site
    from django.test import Client, RequestFactory
    from django.urls import reverse

    from accounts.services.role_grants import role_grant
    from audit.models import Event
    from core.admin.keyset import KeysetChangeList
    from core.db.context import acting
    from core.db.roles import Role
    from tests.audit.conftest import person

    address = reverse("admin:audit_event_changelist")
    room = site.get_model_admin(Event)
    for role in (Role.AUDITOR, Role.MODERATOR):
        colleague = person(f"bench_{role.short}")
        role_grant(user_id=colleague.pk, role=role, actor=None, reason="benchmark")
        client = Client()
        client.force_login(colleague)
        session = client.session
        session["acting_role"] = role.value
        session.save()
        for name, query in asked.items():
            request = RequestFactory().get(address, query)
            request.user = colleague
            with acting(role, user_id=colleague.pk):
                listed: KeysetChangeList = room.get_changelist_instance(request)
                shown = len(listed.result_list)
                alone = milliseconds(lambda listed=listed: listed._page(listed.cursor))
            whole = milliseconds(lambda client=client, query=query: client.get(address, query))
            yield (
                f"{role.short:10} {name:24} {shown:3} rows   query p50 {alone[0]:6.2f} p95 {alone[1]:6.2f}   "
                f"page p50 {whole[0]:6.1f} p95 {whole[1]:6.1f}"
            )


def main() -> None:
    """Make, fill, ask, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=1_000_000)
    events = arguments.parse_args().events

    from tests.database import databases

    with databases() as made:
        made.clone(f"{made.run}_bench")
        os.environ["TEST_DATABASE_URL"] = made.url(f"{made.run}_bench")
        import django

        django.setup()
        from django.db import connection

        from tests.audit.rows import write_events
        from tests.sql import run

        start = time.perf_counter()
        staff = write_events(events)
        print(f"{events:,} events written in {time.perf_counter() - start:.0f} s")
        run("VACUUM ANALYZE audit_event, audit_label")
        for line in measure(questions(staff)):
            print(line, flush=True)
        connection.close()


if __name__ == "__main__":
    main()
