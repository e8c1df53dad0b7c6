"""Tests: the database is given by `tests/database.py`, and nothing slow that no test is about."""

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS

SECRET_KEY = "only-for-tests-" + "0123456789" * 4
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES = {
    "default": {
        "ENGINE": "core.db.psqlextra_backend",
        "NAME": "not-connected-outside-tests",
        "HOST": "127.0.0.1",
        "PORT": "1",
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"application_name": "versbottomlex"},
    }
}
INSTALLED_APPS = [*INSTALLED_APPS]
PASSWORD_HASHERS = ["tests.hashing.QuickArgon2PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # reads no directory at start
