"""Makes what search reads whole again."""

from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from performers.models import PerformerProfile
from streams.services.listings import search_refresh

BATCH = 200


class Command(BaseCommand):
    """Runs as the worker, nightly; a batch of performers is a transaction."""

    help = "Compare what search reads with streams, archives and performers, and correct what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        """In the order of keys, batch by batch."""
        with run_of("search_refresh") as run:
            after = None
            while True:
                with acting(Role.WORKER):
                    rows = PerformerProfile.objects.order_by("pk")
                    if after is not None:
                        rows = rows.filter(pk__gt=after)
                    batch = list(rows.values_list("pk", flat=True)[:BATCH])
                    if not batch:
                        break
                    run.counts["corrected"] += search_refresh(performer_ids=batch)
                run.counts["performers"] += len(batch)
                after = batch[-1]
            self.stdout.write(
                f"{run.counts['performers']} performers, {run.counts['corrected']} documents corrected"
            )
