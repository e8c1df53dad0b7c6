"""Production fails closed: what must be set has no default, and what must be off cannot be switched on.

Environment: SECRET_KEY, DATABASE_URL, ALLOWED_HOSTS, KEYS_DIRECTORY, EMAIL_URL;
OWNER_DATABASE_URL for migrations and maintenance. docs/operations.md describes each.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from config.logins import database
from config.logs import logging_settings
from config.settings.base import *  # noqa: F403
from config.settings.base import env


def required(variable: str, how: str) -> str:
    """The value of an environment variable. Raises ImproperlyConfigured, saying how to set it."""
    value = env(variable, default="")
    if not value:
        raise ImproperlyConfigured(f"{variable} is not set: {how}")
    return value


SECRET_KEY = required(
    "SECRET_KEY",
    "set it to the output of `python -c 'import secrets; print(secrets.token_urlsafe(64))'`, "
    "the same for every process, kept with your other secrets.",
)
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-"):
    raise ImproperlyConfigured(
        "SECRET_KEY is weak: set it to the output of `python -c 'import secrets; print(secrets.token_urlsafe(64))'`."
    )
ALLOWED_HOSTS = [
    host.strip()
    for host in required(
        "ALLOWED_HOSTS", "set it to the names under which the site is reached, as in office.example.com."
    ).split(",")
]
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS may not contain *: name the hosts, as in office.example.com.")
DATABASES = {"default": database(env, embedded=False)}
KEYS_DIRECTORY = Path(
    required(
        "KEYS_DIRECTORY",
        "set it to the directory that holds the keys of this process; `manage.py keys_generate` makes them.",
    )
)
if not KEYS_DIRECTORY.is_dir():
    raise ImproperlyConfigured(
        f"KEYS_DIRECTORY is {KEYS_DIRECTORY}, which is no directory: mount the keys there."
    )

vars().update(
    environ.Env.email_url_config(
        required(
            "EMAIL_URL", "set it to the mail server, as in smtp+tls://USER:PASSWORD@mail.example.com:587."
        )
    )
)

DEBUG = False
SECOND_FACTOR_REQUIRED = True
if not env.bool("SECOND_FACTOR_REQUIRED", default=True):
    raise ImproperlyConfigured(
        "SECOND_FACTOR_REQUIRED cannot be switched off in production: remove the variable. "
        "Staff enrol an authenticator app when they sign in."
    )
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000  # one year
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
if env.bool("BEHIND_TLS_PROXY", default=False):
    # Only behind a proxy that sets this header itself and drops the client's.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    # Files that are shown by way of the platform alone; without a directory they wait and are shown to nobody.
    **{
        alias: {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": directory}}
        for alias, directory in (
            ("attachments", env("ATTACHMENTS_DIRECTORY", default="")),
            ("evidence", env("EVIDENCE_DIRECTORY", default="")),
            ("personal_archives", env("PERSONAL_ARCHIVES_DIRECTORY", default="")),
            # Pictures and recordings: erasure removes them from here. Without it they wait, and the request says so.
            ("objects", env("OBJECTS_DIRECTORY", default="")),
        )
        if directory
    },
}
LOGGING = logging_settings(as_json=True)
