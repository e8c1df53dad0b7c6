"""The way out when nobody is left who could reset a second factor in the back office."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services.second_factor import second_factor_reset
from core.errors import Refused


class Command(BaseCommand):
    """Connects as the owner; the trail records it as an act of the system, with the reason."""

    help = (
        "Take away somebody's authenticator app and recovery codes: for the only administrator who lost both."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("handle", help="whose second factor")
        parser.add_argument(
            "--reason", required=True, help="who asked, and how you made sure; kept in the trail"
        )

    def handle(self, *args: Any, handle: str, reason: str, **options: Any) -> None:
        user = User.objects.with_handle(handle).first()
        if user is None:
            raise CommandError(f"Nobody has the handle {handle}.")
        if len(reason.strip()) < 10:
            raise CommandError("Give a reason of at least 10 characters. Nothing was written.")
        try:
            second_factor_reset(user_id=user.pk, actor=None, reason=reason)
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user} signs in with the password alone, and sets up another app then.")
