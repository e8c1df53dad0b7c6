"""How fast the trail is sealed and verified: `python -m benchmarks.seals [--events N]`.

Makes a throw-away database, writes events as several transactions do, seals and verifies them, and prints events per
second. Sealing is measured as it runs every day, after the first seal.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

WORDS = """
UPDATE audit_event e SET label_digest = audit_label_digest(
  l.id, l.salt, l.actor_label, l.subject_label, l.address, l.reason
) FROM audit_label l WHERE l.id = e.id
"""


def timed(words: str, events: int, action: Callable[[], Any]) -> Any:
    """Run, and print how long it took and how many events a second that is."""
    start = time.perf_counter()
    result = action()
    seconds = time.perf_counter() - start
    print(f"{words:48} {seconds:8.1f} s {events / seconds:12,.0f} events/s", flush=True)
    return result


def main() -> None:
    """Make, write, seal, verify, print."""
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

        from audit.services.seals import seal_lag
        from tests.audit.rows import write_events
        from tests.audit.sealing import seal, verify, write
        from tests.sql import run

        run("SET statement_timeout = 0")
        write()
        seal()
        write_events(events)
        # The rows of that module have no words that fit their digest; here they do.
        run("ALTER TABLE audit_event DISABLE TRIGGER USER")
        run(WORDS)
        run("ALTER TABLE audit_event ENABLE TRIGGER USER")
        run("VACUUM ANALYZE audit_event, audit_label")
        timed("lag", events, seal_lag)
        seals = timed("sealing", events, seal)
        print(f"{len(seals)} seals of {', '.join(f'{row.event_count:,}' for row in seals)} events")
        run("VACUUM ANALYZE audit_sealleaf, audit_seal")
        timed("lag, everything sealed", events, seal_lag)
        write(1000)
        timed("sealing another thousand", 1000, seal)
        report = timed("verification", events, verify)
        print(f"{report.found} findings, {dict(report.counts)}")
        sizes = "SELECT pg_size_pretty(sum(pg_total_relation_size(relid))) FROM pg_partition_tree(%s)"
        for table in ("audit_event", "audit_label", "audit_sealleaf"):
            print(f"{table}: {run(sizes, [table])[0][0]}")
        print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
        connection.close()


if __name__ == "__main__":
    main()
