"""Up to which amount a role refunds alone."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.money import money_parse
from billing.payment_choices import LimitKind
from billing.services.staff_limits import staff_limit_set
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.errors import Refused


class Command(BaseCommand):
    """Sets the limit of a role from now on. Acts as the worker; later changes are made in the back office."""

    help = "Set up to which amount a role refunds without a second person: finance EUR 100.00 500.00."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=[role.short for role in STAFF_ROLES], help="whose limit it is")
        parser.add_argument("currency", help="code of the currency, as EUR")
        parser.add_argument("per_item", help="for one act, as 100.00; 0: nothing alone")
        parser.add_argument("per_day", help="for all acts of a day, as 500.00")
        parser.add_argument("--kind", choices=LimitKind.values, default=LimitKind.REFUND.value)
        parser.add_argument(
            "--reason", default="first limit of the role", help="for the colleagues who read it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        role = Role.from_short(options["role"])
        try:
            with acting(Role.WORKER):
                limit = staff_limit_set(
                    kind=LimitKind(options["kind"]),
                    currency=options["currency"],
                    per_item=money_parse(options["per_item"], options["currency"]).amount,
                    per_day=money_parse(options["per_day"], options["currency"]).amount,
                    role=role,
                    actor=None,
                    reason=options["reason"],
                )
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{limit}: {options['per_item']} each, {options['per_day']} a day.")
