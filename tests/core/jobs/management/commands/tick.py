"""The job that tests schedule for each second."""

from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from tests.core.jobs.jobs import write


class Command(BaseCommand):
    help = "Write that it ran."

    def handle(self, *args: Any, **options: Any) -> None:
        with acting(Role.WORKER):
            write("tick")
