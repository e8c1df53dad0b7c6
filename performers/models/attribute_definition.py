"""What performers may say of themselves."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.db.constraints import matches, one_of, rule, unique
from core.db.policies import ALL, policies
from core.db.roles import ACTING_ROLES, Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume
from performers.attribute_triggers import ChoicesOnlyGrow
from performers.choices import AttributeKind

DEFINERS = (Role.LEAD_MODERATOR, Role.COMPLIANCE)
READERS = tuple(role for role in ACTING_ROLES if role not in (Role.FINANCE, Role.FINANCE_APPROVER))
CODE_PATTERN = "^[a-z][a-z0-9_]{1,39}$"


class AttributeDefinitionQuerySet(models.QuerySet):
    """Reads of definitions."""

    def in_use(self) -> Self:
        """Attributes that can be set."""
        return self.filter(retired_at__isnull=True)


class AttributeDefinition(Versioned):
    """One row per attribute: what may be said, of which kind, in which unit, from which choices.

    Written by `performers.services.attributes`. Kind and category never change: values rest on them.
    """

    volume, retention = Volume.SMALL, "for good: values refer to it"

    code = models.TextField(db_comment="Name for programs: height, zodiac_sign.")
    label = models.TextField(db_comment="Name for people, in English.")
    kind = models.TextField(choices=AttributeKind, db_comment="What kind of value it has.")
    unit = models.TextField(
        blank=True, default="", db_comment="Unit of a number, as the UCUM writes it: cm, kg; empty: none."
    )
    choices = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        db_comment="What can be chosen; empty unless kind is choice.",
    )
    special_category = models.BooleanField(
        default=False,
        db_comment="Whether it is a special category of data (GDPR art. 9): a value needs explicit consent.",
    )
    retired_at = models.DateTimeField(
        null=True, blank=True, db_comment="Since when it cannot be set any more (UTC); null: in use."
    )

    objects: ClassVar[Any] = AttributeDefinitionQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = "attribute"
        db_table_comment = (
            "One row per attribute that performers may set: kind, unit, choices, whether consent is needed. "
            "Written by performers.services.attributes. Kept for good."
        )
        permissions = [("define_attributedefinition", "Can define and retire attributes of performers")]
        constraints = [
            matches(
                "code", CODE_PATTERN, "A code has small letters, digits and underscores: 2 to 40 of them."
            ),
            *line("label", 60),
            one_of("kind", AttributeKind),
            *line("unit", 12, least=0),
            rule(
                Q(unit="") | Q(kind=AttributeKind.NUMBER),
                "unit",
                "Only a number has a unit.",
            ),
            rule(
                Q(kind=AttributeKind.CHOICE, choices__len__gte=2)
                | ~Q(kind=AttributeKind.CHOICE) & Q(choices__len=0),
                "choices",
                "One of several needs at least two choices; other kinds have none.",
            ),
            unique("code", message="There is an attribute with this code."),
            *policies(*READERS, command="select", using=ALL),
            *policies(*DEFINERS, command="insert", check="retired_at IS NULL"),
            *policies(*DEFINERS, command="update", using="retired_at IS NULL", check="code <> ''"),
        ]
        triggers = [Immutable("code", "kind", "unit", "special_category"), ChoicesOnlyGrow()]

    def __str__(self) -> str:
        return self.label
