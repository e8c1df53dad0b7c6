"""The values of secrets that accounts at providers name: files of the key directory, or environment variables."""

import os
import re
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"[a-z][a-z0-9_]{2,60}")
PREFIX = "PROVIDER_SECRET_"


class SecretMissing(Exception):
    """This process was not given the secret; `str(error)` says where it was looked for."""


def secret_of(name: str) -> str:
    """The value of the secret: the file `<name>.secret` in KEYS_DIRECTORY, else PROVIDER_SECRET_<NAME>.

    Read each time, so that a rolled-over secret needs no restart. Raises SecretMissing.
    """
    if not NAME.fullmatch(name):
        raise SecretMissing(f"{name!r} is no name of a secret.")
    path = Path(settings.KEYS_DIRECTORY) / f"{name}.secret"
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError:
        value = os.environ.get(f"{PREFIX}{name.upper()}", "").strip()
    if not value:
        raise SecretMissing(
            f"The secret {name} is not there: put it into {name}.secret in KEYS_DIRECTORY, or into "
            f"{PREFIX}{name.upper()}."
        )
    return value


def secrets_of(names: list[str]) -> list[str]:
    """The values of those that are there, in order. Raises SecretMissing when none is."""
    found, missing = [], None
    for name in names:
        try:
            found.append(secret_of(name))
        except SecretMissing as error:
            missing = error
    if not found:
        raise missing or SecretMissing("The account names no secret.")
    return found
