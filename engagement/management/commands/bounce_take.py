"""Takes a returned mail from standard input, as a mail server hands it over (in a .forward or a pipe)."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from engagement.services.bounces import LARGEST, bounce_take


class Command(BaseCommand):
    """Runs as the worker, once per returned mail. Ends well whatever comes, so that nothing comes back again."""

    help = "Carry out what a returned mail on standard input says."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read it, and say what it was about."""
        message = sys.stdin.buffer.read(LARGEST + 1)
        with acting(Role.WORKER):
            delivery = bounce_take(message=message)
        self.stdout.write("About no delivery." if delivery is None else f"{delivery}: {delivery.status}.")
