"""Sends what is due: after quiet hours, with the digest of a day, after a failure, or left behind by a lost worker."""

from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from engagement.services.deliveries import deliveries_send
from engagement.services.digests import digests_send
from engagement.services.notification_spreading import events_left_behind, notification_event_spread

ROUNDS = 50


class Command(BaseCommand):
    """Runs as the worker, every minute; what it does not reach is reached a minute later."""

    help = "Spread events that were left behind, and send deliveries and digests that are due."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work in batches until nothing is due, at most fifty of each."""
        with run_of("notifications_deliver") as run:
            with acting(Role.WORKER):
                waiting = events_left_behind()
            for event_id in waiting:
                more = True
                while more:
                    with acting(Role.WORKER):
                        more = notification_event_spread(event_id=event_id)
                run.counts["events"] += 1
            for name, send in (("deliveries", deliveries_send), ("digests", digests_send)):
                for _ in range(ROUNDS):
                    sent = send()
                    run.counts[name] += sent
                    if not sent:
                        break
            self.stdout.write(f"{run.counts['deliveries']} deliveries, {run.counts['digests']} digests")
