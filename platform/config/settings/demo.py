"""The demo and development: the embedded database unless DATABASE_URL says otherwise, on this machine only."""

from pathlib import Path

from config.demo_key import demo_key
from config.logins import database
from config.settings.base import *  # noqa: F403
from config.settings.base import env
from core.embedded.location import project_directory

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SECRET_KEY = env("SECRET_KEY", default="") or demo_key()
KEYS_DIRECTORY = Path(env("KEYS_DIRECTORY", default="") or project_directory() / "keys")
KEYS_MADE_WHEN_MISSING = True
DATABASES = {"default": database(env, embedded=True)}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "personal_archives": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": project_directory() / "personal_archives"},
    },
}
PARTITION_ARCHIVE_DIRECTORY = env("PARTITION_ARCHIVE_DIRECTORY", default="") or str(
    project_directory() / "partition_archive"
)
PARTITION_ARCHIVE_MADE_WHEN_MISSING = True
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)
DEMO_ALLOWED = True  # load_demo makes staff with known names
STATIC_ROOT = None  # no collectstatic: files are served from where they are written
WHITENOISE_USE_FINDERS = True
