"""Opens an account at a payment provider, before anybody of staff can."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.errors import ProviderAccountRefused
from billing.models import ProviderAccount
from billing.provider_choices import ProviderKind
from billing.services.provider_accounts import provider_account_open


class Command(BaseCommand):
    """Run by whoever deploys, as the owner. A second call with the same code changes nothing."""

    help = "Open an account at a provider: its secrets are files <name>.secret in KEYS_DIRECTORY."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("code", help="Our name of it, part of its address: stripe_eu")
        parser.add_argument("--kind", choices=ProviderKind.values, required=True)
        parser.add_argument("--legal-entity", required=True, help="The company of ours that holds it.")
        parser.add_argument("--currency", required=True, help="In which the provider settles: EUR")
        parser.add_argument("--live", action="store_true", help="Real money moves.")
        parser.add_argument(
            "--webhook-secret", action="append", required=True, help="Name; one to three times."
        )
        parser.add_argument("--api-credentials", default="", help="Name; none for the simulator.")

    def handle(
        self,
        *args: Any,
        code: str,
        kind: str,
        legal_entity: str,
        currency: str,
        live: bool,
        webhook_secret: list[str],
        api_credentials: str,
        **options: Any,
    ) -> None:
        """Open it. Raises CommandError in the words of the refusal."""
        if ProviderAccount.objects.filter(code=code).exists():
            self.stdout.write(f"There is an account {code} already; nothing was changed.")
            return
        try:
            provider_account_open(
                code=code,
                kind=ProviderKind(kind),
                legal_entity=legal_entity,
                currency=currency,
                is_live=live,
                webhook_secrets=webhook_secret,
                api_credentials=api_credentials,
                actor=None,
                reason="opened by command",
            )
        except ProviderAccountRefused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(f"Opened. Its messages come to /webhooks/{code}")
