"""Tests: the database is given by `tests/database.py`, and nothing slow that no test is about."""

import os
import tempfile
from pathlib import Path

from config.logins import OPTIONS
from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS, env

SECRET_KEY = "only-for-tests-" + "0123456789" * 4
# One directory for every run of this account: an RSA key pair takes a second to make.
KEYS_DIRECTORY = Path(
    env("KEYS_DIRECTORY", default=f"{tempfile.gettempdir()}/versbottomlex-test-keys-{os.geteuid()}")
)
KEYS_MADE_WHEN_MISSING = True
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# Commands that a test run starts get TEST_DATABASE_URL; pytest fills the address in when it has made one.
DATABASES = {
    "default": {
        **env.db_url("TEST_DATABASE_URL", default="postgresql://vbl_tester@127.0.0.1:1/not-connected"),
        "ENGINE": "core.db.psqlextra_backend",
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": dict(OPTIONS),
    }
}
INSTALLED_APPS = [*INSTALLED_APPS, "tests.kernel", "django_migration_linter"]
PASSWORD_HASHERS = ["tests.hashing.QuickArgon2PasswordHasher"]
SECOND_FACTOR_REQUIRED = False  # tests of the second factor switch it on
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
