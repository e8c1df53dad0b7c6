"""Settings shared by every environment; what differs lives in demo, test and production."""

from pathlib import Path

import environ

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[3]

INSTALLED_APPS = [
    "core",
    "accounts",
    "performers",
    "streams",
    "billing",
    "engagement",
    "analytics",
    "audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "core.admin.apps.BackOfficeConfig",
    "psqlextra",
    "pgtrigger",
    "simple_history",
    "django_extensions",
]

AUTH_USER_MODEL = "accounts.User"
DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL", default="postgresql://postgres@127.0.0.1:55432/dev"),
        "ENGINE": "core.db.psqlextra_backend",
    }
}
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
