"""Opens the access review of the quarter, notes grants that ended, and tells of reviews that are overdue."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.models import AccessReview, AccessReviewItem
from audit.services.access_reviews import (
    access_review_open,
    access_reviews_settle,
    access_reviews_tell_overdue,
)
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, daily; however often it runs, each quarter has one review."""

    help = "Open the access review of this quarter unless it is open, and follow what is open."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say how reviews stand; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Each step is a transaction of its own."""
        if dry_run:
            self._say()
            return
        with run_of("access_reviews_run") as run:
            with acting(Role.WORKER):
                review, opened = access_review_open()
            run.counts["opened"] = int(opened)
            with acting(Role.WORKER):
                run.counts["ended"] = access_reviews_settle()
            with acting(Role.WORKER):
                run.counts["told"] = access_reviews_tell_overdue()
            self.stdout.write(f"{review}: {'opened' if opened else 'was there'}")
            self._say()

    def _say(self) -> None:
        with acting(Role.WORKER):
            for review in AccessReview.objects.open():
                left = AccessReviewItem.objects.filter(review=review).undecided().count()
                self.stdout.write(
                    f"{review}: {left} of {review.item_count} undecided, due {review.due_at:%Y-%m-%d} UTC"
                )
