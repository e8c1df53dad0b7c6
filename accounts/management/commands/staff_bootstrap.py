"""The first member of staff."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.choices import SignUpSource, UserStatus
from accounts.models import User, UserPassword
from accounts.services.passwords import password_change
from accounts.services.role_grants import administrator_absent, administrator_bootstrap
from accounts.services.users import NewUser, user_activate, user_register
from core.errors import Refused


class Command(BaseCommand):
    """Makes the first administrator; refuses when there is one. Connects as the owner."""

    help = "Make the first administrator, who then grants every other role in the back office."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("handle", help="handle of a new account, or of one that is active")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password of an account that has none from standard input instead of asking for it",
        )

    def _password(self, from_stdin: bool) -> str:
        if from_stdin:
            return sys.stdin.readline().rstrip("\n")
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise CommandError("The two passwords differ. Nothing was written.")
        return password

    def handle(self, *args: Any, **options: Any) -> None:
        handle = options["handle"]
        user = User.objects.with_handle(handle).first()
        try:
            with transaction.atomic():
                administrator_absent()
                if user is None or not UserPassword.objects.filter(user=user).exists():
                    password = self._password(options["password_stdin"])
                    validate_password(password, user or User(handle=handle))
                    if user is None:
                        user = user_register(
                            new=NewUser(handle=handle),
                            password=password,
                            actor=None,
                            source=SignUpSource.STAFF,
                        )
                    else:
                        # An imported person has none, and could not sign in with the role.
                        password_change(user=user, raw=password)
                if user.status == UserStatus.PENDING:
                    user_activate(user_id=user.pk, actor=None)
                administrator_bootstrap(user_id=user.pk)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{user} is administrator. Sign in to the back office and grant roles to colleagues."
        )
