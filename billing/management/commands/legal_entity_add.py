"""Adds a company that sells, before anybody of staff can."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.errors import LegalEntityRefused
from billing.models import LegalEntity
from billing.services.legal_entities import legal_entity_add


class Command(BaseCommand):
    """Run by whoever deploys, as the owner. A second call with the same code changes nothing."""

    help = (
        "Add a company of ours that sells: in its own country, and with --everywhere where no other one does."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("code", help="First part of every number: VBL_EU")
        parser.add_argument("--name", required=True, help="As in the register of companies.")
        parser.add_argument("--address", required=True, help="The seat, in one line.")
        parser.add_argument("--country", required=True, help="Of the seat: NL")
        parser.add_argument("--tax-number", required=True, help="As documents show it.")
        parser.add_argument("--everywhere", action="store_true", help="It sells wherever no other one does.")

    def handle(
        self,
        *args: Any,
        code: str,
        name: str,
        address: str,
        country: str,
        tax_number: str,
        everywhere: bool,
        **options: Any,
    ) -> None:
        """Add it. Raises CommandError in the words of the refusal."""
        if LegalEntity.objects.filter(code=code).exists():
            self.stdout.write(f"There is a company {code} already; nothing was changed.")
            return
        try:
            legal_entity_add(
                code=code,
                name=name,
                address=address,
                country=country,
                tax_number=tax_number,
                sells_everywhere=everywhere,
                actor=None,
                reason="added by command",
            )
        except LegalEntityRefused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write("Added. Orders that were paid before get their invoices with the next run.")
