"""Accounts that we hold at payment providers."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.lookups import Regex

from billing.models.currency import in_currency
from billing.provider_choices import ProviderKind
from core.db.constraints import matches, one_of, rule, unique
from core.db.policies import ALL, SOMEBODY, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume

PROVIDER_READERS = (
    Role.SUPPORT,
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.WORKER,
)
"""Who sees through which account money came."""

MOST_SECRETS = 3
"""One in force, and while a secret is rolled over the one before or after it."""

_NAME = "(?!(whsec|sk|rk|pk)_)[a-z][a-z0-9_]{2,60}"
NAMES_OF_SECRETS = f"^{_NAME}( {_NAME})*$"
"""Names, with a space between them. What begins as the secrets of Stripe themselves do is no name of one."""

NAMED_BY_FILE = (
    "A secret is named here by its file, in small letters; it never stands in the database itself."
)


def _joined(field: str) -> Func:
    """The array as one text; a null in it becomes a sign that no name has."""
    return Func(
        models.F(field), Value(" "), Value("*"), function="array_to_string", output_field=models.TextField()
    )


class ProviderAccountQuerySet(models.QuerySet):
    """Reads of accounts."""

    def open(self) -> "ProviderAccountQuerySet":
        """Accounts through which new payments may go."""
        return self.filter(closed_at__isnull=True)


class ProviderAccount(Versioned):  # type: ignore[django-manager-missing]
    """One row per account at a provider: one legal entity of ours, one settlement currency, live or for tests.

    Holds the names of secrets, never a secret: the values are files of the key directory or environment variables
    (`billing.providers.secrets`). Written by `billing.services.provider_accounts`. Messages about old payments still
    arrive after an account was closed.
    """

    volume, retention = Volume.SMALL, "while the platform lives"

    code = models.TextField(
        db_comment="Our name of the account, part of its webhook address and of ledger accounts: stripe_eu."
    )
    kind = models.TextField(choices=ProviderKind, db_comment="Which adapter speaks for it.")
    legal_entity = not_personal(
        models.TextField(db_comment="The company of ours that holds it, as in its contract.")
    )
    currency = in_currency("provider_accounts", "The currency in which the provider settles with us.")
    is_live = models.BooleanField(db_comment="Whether real money moves; false: a test account.")
    webhook_secrets = not_personal(
        ArrayField(
            models.TextField(),
            db_comment="Names of the secrets that sign its messages, the newest first; never a secret itself.",
        )
    )
    api_credentials = not_personal(
        models.TextField(
            blank=True,
            db_default="",
            db_comment="Name of the secret with which we call the provider; empty: it takes none.",
        )
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, db_comment="Since when no new payment goes through it (UTC); null: open."
    )

    objects: Any = ProviderAccountQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per account at a payment provider, with the names of its secrets. Written by "
            "billing.services.provider_accounts. Kept while the platform lives."
        )
        permissions = [("keep_provideraccount", "Can open and close accounts at providers")]
        constraints = [
            unique("code", message="There is an account with this code already."),
            matches(
                "code", "^[a-z][a-z0-9_]{1,30}$", "A code is 2 to 31 small letters, digits and underscores."
            ),
            one_of("kind", ProviderKind),
            *line("legal_entity", 200),
            rule(
                ~Q(kind=ProviderKind.SIMULATOR, is_live=True),
                "is_live",
                "No real money moves through the simulator.",
            ),
            rule(~Q(currency="TOKEN"), "currency", "A provider settles in money, not in tokens."),
            rule(
                Q(webhook_secrets__len__gte=1, webhook_secrets__len__lte=MOST_SECRETS),
                "webhook_secrets_count",
                "Name one to three secrets.",
            ),
            rule(
                Regex(_joined("webhook_secrets"), Value(NAMES_OF_SECRETS)),
                "webhook_secrets",
                NAMED_BY_FILE,
            ),
            rule(
                Q(api_credentials="") | Q(api_credentials__regex=NAMES_OF_SECRETS),
                "api_credentials",
                NAMED_BY_FILE,
            ),
            *policies(*PROVIDER_READERS, command="select", using=ALL),
            *policies(Role.ADMINISTRATOR, command="insert", check=SOMEBODY),
            *policies(Role.ADMINISTRATOR, command="update", using=SOMEBODY),
        ]
        triggers = [Immutable("code", "kind", "legal_entity", "currency", "is_live")]

    def __str__(self) -> str:
        return self.code
