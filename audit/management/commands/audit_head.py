"""Prints the head of the chain of seals, to be kept where the database's administrators cannot change it."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.models import Seal
from audit.seals.head import head_json
from core.errors import Refused


class Command(BaseCommand):
    """Runs as the owner, after each sealing or once a day; `verify_audit --head FILE` asks for it again."""

    help = "Print the signed head of the chain of seals as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it. Raises CommandError when nothing was sealed yet."""
        try:
            head = head_json(Seal.objects.order_by("-number").first())
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(json.dumps(head, indent=2))
