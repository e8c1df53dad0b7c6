"""Settings shared by every environment; what differs lives in demo, test and production."""

from datetime import timedelta
from pathlib import Path

import environ

from config.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parents[3]
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = False
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
    "procrastinate.contrib.django",
    "core.admin.apps.BackOfficeConfig",
    "django_otp",
    "axes",
    "psqlextra",
    "pgtrigger",
    "simple_history",
    "django_extensions",
]
# The health check comes first: it must answer a load balancer that speaks plain HTTP to an address.
MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.ClientAddressMiddleware",
    "config.content_security.ContentSecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.SessionInForceMiddleware",
    "core.middleware.ActingRoleMiddleware",
    "config.logs.LogContextMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Innermost, so that it answers inside the transaction of the request.
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["core.templatetags.back_office"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

AUTH_USER_MODEL = "accounts.User"
# The first one refuses who is locked out before a password is looked at.
AUTHENTICATION_BACKENDS = ["accounts.lock_out.LockOutBackend", "accounts.authentication.HandleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["handle"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
ERASURE_COOLING_PERIOD = timedelta(days=30)  # between the closing of an account and its erasure

# Which function sends a code to a contact, by kind; a kind that is missing cannot be verified.
CONTACT_CHANNELS = {"email": "accounts.channels.email_code_send"}
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="VersBottomLex.me <no-reply@versbottomlex.me>")
# The scanner of attachments: HOST:PORT or the path of a socket of clamd; without one no attachment is ever shown.
CLAMAV_ADDRESS = env("CLAMAV_ADDRESS", default="")
# Where partitions go that leave the database: a directory of the account that runs maintenance, closed to others.
# Without it those partitions stay, and the run of retention says so.
PARTITION_ARCHIVE_DIRECTORY = env("PARTITION_ARCHIVE_DIRECTORY", default="")
PARTITION_ARCHIVE_MADE_WHEN_MISSING = False
# Whether staff may work without a second factor; demo and tests say no, production cannot.
SECOND_FACTOR_REQUIRED = True

# A staff session ends so long after its last use, in seconds; and at the latest after SESSION_COOKIE_AGE.
STAFF_IDLE_SECONDS = env.int("STAFF_IDLE_SECONDS", default=30 * 60)

# Lock-out after failed sign-ins (docs/guides/sign-in.md): of one account from one address; and of one account from
# every address at which its person never signed in. Each failure starts the time anew.
LOCK_OUT_FAILURES = env.int("LOCK_OUT_FAILURES", default=5)
LOCK_OUT_FAILURES_ANYWHERE = env.int("LOCK_OUT_FAILURES_ANYWHERE", default=50)
LOCK_OUT_SECONDS = env.int("LOCK_OUT_SECONDS", default=15 * 60)
AXES_FAILURE_LIMIT = LOCK_OUT_FAILURES
AXES_COOLOFF_TIME = timedelta(seconds=LOCK_OUT_SECONDS)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "accounts.lock_out.LockOutHandler"
AXES_USERNAME_CALLABLE = "accounts.lock_out.account_key"
AXES_USERNAME_FORM_FIELD = "username"
AXES_CLIENT_IP_CALLABLE = "core.middleware.client_address.address_of"
AXES_LOCKOUT_CALLABLE = "accounts.lock_out.locked_out_response"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # trying on does not make the wait longer
AXES_DISABLE_ACCESS_LOG = True  # accounts_loginevent is the record of sign-ins
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 60 * 60  # seconds: a working day
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# What a form may weigh; more is answered by 413 and a page that says so.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # bytes, without files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["core.formats"]

POSTGRES_EXTRA_AUTO_EXTENSION_SET_UP = False  # provisioning makes the extensions; hstore is not one of them

# Background jobs: what runs when, and after how many seconds without a sign of life a worker counts as dead.
JOB_SCHEDULE = "config.schedule.SCHEDULE"
JOB_HEARTBEAT_SECONDS = env.float("JOB_HEARTBEAT_SECONDS", default=10)
JOB_STALLED_SECONDS = env.float("JOB_STALLED_SECONDS", default=30)

STATIC_URL = "static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = [
    "models.E034",  # Django caps index names at 30 characters; core.checks caps at 63 bytes
    "auth.E003",  # handles are unique by an index on lower(handle) among accounts that are not deleted
    "auth.W004",
]
LOGGING = logging_settings(as_json=False)

# Notifications (docs/guides/notifications.md). Where links in mails lead; to whom returned mail goes, whose address
# gets "+<delivery>" before its "@"; the key that signs web pushes (base64url of 32 bytes, or a file; empty: none are
# sent), whom push services may write to about them, and which push services are called at all.
PUBLIC_ADDRESS = env("PUBLIC_ADDRESS", default="https://versbottomlex.me")
BOUNCE_ADDRESS = env("BOUNCE_ADDRESS", default="bounces@versbottomlex.me")
WEB_PUSH_PRIVATE_KEY = env("WEB_PUSH_PRIVATE_KEY", default="")
WEB_PUSH_CONTACT = env("WEB_PUSH_CONTACT", default="mailto:operations@versbottomlex.me")
WEB_PUSH_SERVICES = env.list(
    "WEB_PUSH_SERVICES",
    default=[
        "https://fcm.googleapis.com",
        "https://updates.push.services.mozilla.com",
        "https://*.push.apple.com",
        "https://*.notify.windows.com",
    ],
)
