"""Why providers decline payments, in their words and in ours."""

from django.db import models

from billing.catalogue_choices import UnifiedDecline
from billing.models.currency import CATALOGUE_MANAGERS
from billing.models.provider_currency import PROVIDER_PATTERN, PROVIDER_WORDS
from core.db.constraints import matches, one_of, unique
from core.db.policies import ALL, SOMEBODY, policies
from core.db.roles import STAFF_ROLES, Role
from core.db.text import paragraphs
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume


class DeclineCode(Versioned):
    """One row per code by which a provider declines, with its unified meaning.

    Written by a migration and by `billing.services.currencies`. A code without a row means `other`.
    """

    volume, retention = Volume.SMALL, "while the platform lives"

    provider = models.TextField(db_collation="C", db_comment="Code of the kind of provider, such as stripe.")
    code = models.TextField(db_collation="C", db_comment="The provider's code, as it writes it.")
    unified = models.TextField(choices=UnifiedDecline, db_comment="What it means, for all providers alike.")
    words = models.TextField(
        blank=True, default="", db_comment="What the provider says about it, in English, for staff."
    )

    history = History()

    class Meta:
        db_table_comment = (
            "One row per code by which a provider declines payments. "
            "Written by a migration and billing.services.currencies. Kept while the platform lives."
        )
        constraints = [
            unique("provider", "code", message="This provider's code has a row already."),
            matches("provider", PROVIDER_PATTERN, PROVIDER_WORDS),
            matches(
                "code", "^[A-Za-z0-9_.-]{1,80}$", "A decline code has letters, digits, points and dashes."
            ),
            one_of("unified", UnifiedDecline),
            *paragraphs("words", 500),
            *policies(*STAFF_ROLES, Role.WORKER, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
        ]
        triggers = [Immutable("provider", "code")]

    def __str__(self) -> str:
        return f"{self.provider}: {self.code}"
