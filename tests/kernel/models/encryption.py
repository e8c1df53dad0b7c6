"""Protected columns of every kind, with and without history and blind index."""

from django.db import models

from core.db.policies import ALL, Policy
from core.db.roles import Role
from core.encryption import (
    BlindIndexedQuerySet,
    BlindIndexField,
    EncryptedDateField,
    EncryptedDecimalField,
    EncryptedTextField,
    SealedDateField,
    SealedDecimalField,
    SealedTextField,
)
from core.models import Fact, History, Identified, Versioned


def spelling(value: str) -> str:
    """Letter case and space around do not matter."""
    return value.strip().casefold()


class Correspondent(Versioned):
    """An entity with encrypted columns, one of which is searched, and history."""

    name = models.TextField(db_comment="What we call them; readable.")
    value = EncryptedTextField(null=True, blank=True, db_comment="Their address.")
    value_index = BlindIndexField(
        "value",
        context="kernel_correspondent.value",
        normalise=spelling,
        unique=True,
        null=True,
        db_comment="Finds them by address.",
    )
    note = EncryptedTextField(null=True, blank=True, db_comment="What else there is to say.")
    draft = EncryptedTextField(null=True, blank=True, db_comment="What may be said later.")
    born_on = EncryptedDateField(null=True, blank=True, db_comment="Day of birth.")
    income = EncryptedDecimalField(
        max_digits=12, decimal_places=3, null=True, blank=True, db_comment="Income a month; euro."
    )

    objects = BlindIndexedQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = "Correspondents, for tests."
        constraints = [
            Policy(role=Role.MODERATOR, command="select", using=ALL),
            Policy(role=Role.MODERATOR, command="insert", check=ALL),
        ]


class Letter(Identified):
    """Refers to an entity with encrypted columns."""

    correspondent = models.ForeignKey(
        Correspondent, models.CASCADE, related_name="letters", db_comment="To whom it went."
    )
    text = EncryptedTextField(db_comment="What it said.")

    class Meta:
        db_table_comment = "Letters, for tests."
        constraints = [Policy(role=Role.MODERATOR, command="select", using=ALL)]


class Passport(Versioned):
    """An entity with sealed columns and history."""

    name = models.TextField(db_comment="What we call them; readable.")
    number = SealedTextField(db_comment="Number of the document.")
    copy = SealedTextField(null=True, blank=True, db_comment="The number once more.")
    expires_on = SealedDateField(null=True, blank=True, db_comment="When it expires.")
    fee = SealedDecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, db_comment="What it cost; euro."
    )

    history = History()

    class Meta:
        db_table_comment = "Passports, for tests."
        constraints = [Policy(role=Role.MODERATOR, command="select", using=ALL)]


class Whisper(Identified, Fact):
    """A fact with an encrypted and a sealed column."""

    heard = EncryptedTextField(db_comment="What was heard.")
    source = SealedTextField(db_comment="From whom.")

    class Meta:
        db_table_comment = "Whispers, for tests."
        constraints = [Policy(role=Role.MODERATOR, command="select", using=ALL)]
