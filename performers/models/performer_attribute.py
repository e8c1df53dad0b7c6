"""What performers say of themselves: optional, in their own words, never inferred."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.choices import ConsentPurpose
from accounts.erasure_triggers import RefuseErasedPerson
from accounts.models import Consent
from core.db.constraints import one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Entity, Volume
from performers.admission_triggers import PublicAsProfile
from performers.attribute_triggers import ValueAsDefined
from performers.choices import AttributeKind, AttributeVisibility
from performers.models.attribute_definition import AttributeDefinition

LEAST, MOST = -(10**9), 10**9
# Values are found by performer or definition, so no index leads with the visibility; the comparison is null-safe.
PUBLIC = "visibility IS NOT DISTINCT FROM 'public'"
SHOWN_TO_STAFF = f"NOT special_category OR {PUBLIC}"
SHOWN = f"performer_is_public AND {PUBLIC}"
YES, NO = "yes", "no"


class PerformerAttributeQuerySet(models.QuerySet):
    """Reads of attributes."""

    def without_consent(self) -> Self:
        """Values of special categories whose consent has ended: they go."""
        consent = Consent.objects.filter(
            user_id=OuterRef("performer_id"), purpose=ConsentPurpose.SPECIAL_CATEGORY, valid__contains=Now()
        )
        return self.filter(~Exists(consent), special_category=True).order_by("pk")


class PerformerAttribute(Entity):
    """One row per attribute that a performer has set. Written by `performers.services.attributes`.

    No history: a value that was taken back, of a special category above all, is not kept. Exactly one of the two
    columns of values is set, the one of the defined kind.
    """

    volume, retention = Volume.LARGE, "until taken back, or its consent ends; deleted on erasure"
    held_by = HeldBy(
        person=("performer",),
        keeps=("words", "number"),
        # Consent to special categories can always be taken back.
        gives_way="{row}.special_category",
    )
    quiet_columns = ("performer_is_public",)

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # The unique rule leads with it.
        db_index=False,
        related_name="attributes",
        db_comment="Who says so of herself.",
    )
    definition = models.ForeignKey(
        AttributeDefinition,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="values",
        db_comment="Which attribute it is.",
    )
    kind = models.TextField(
        choices=AttributeKind, editable=False, db_comment="The kind of the definition; kept by trigger."
    )
    special_category = models.BooleanField(
        default=False, editable=False, db_comment="Whether consent is needed, as defined; kept by trigger."
    )
    words = personal(
        models.TextField(
            null=True, blank=True, db_comment="The value, if it is a text, a choice, or yes or no; else null."
        )
    )
    number = personal(
        models.BigIntegerField(
            null=True,
            blank=True,
            db_comment="The value in the unit of the definition, if it is a number; else null.",
        )
    )
    visibility = models.TextField(
        choices=AttributeVisibility, default=AttributeVisibility.PRIVATE, db_comment="Who may see it."
    )
    performer_is_public = models.BooleanField(
        default=False, editable=False, db_comment="Whether everybody sees the profile; kept by trigger."
    )

    objects: ClassVar[Any] = PerformerAttributeQuerySet.as_manager()

    class Meta:
        verbose_name = "attribute of a performer"
        verbose_name_plural = "attributes of performers"
        db_table_comment = (
            "One row per attribute that a performer says of herself, of the defined kind. Written by "
            "performers.services.attributes. Deleted when taken back, when its consent ends, and on erasure."
        )
        constraints = [
            one_of("kind", AttributeKind),
            one_of("visibility", AttributeVisibility),
            *line("words", 200),
            rule(
                Q(number__isnull=True) | Q(number__gte=LEAST, number__lte=MOST),
                "number",
                "A number lies between minus and plus a thousand million.",
            ),
            rule(
                Q(
                    kind__in=[AttributeKind.TEXT, AttributeKind.CHOICE],
                    words__isnull=False,
                    number__isnull=True,
                )
                | Q(kind=AttributeKind.NUMBER, words__isnull=True, number__isnull=False)
                | Q(kind=AttributeKind.YES_NO, words__isnull=False, words__in=[YES, NO], number__isnull=True),
                "value",
                "The value is not of the kind that was defined.",
            ),
            unique("performer", "definition", message="This attribute is set already."),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"{SHOWN} OR performer_id = {ME}"),
            *policies(Role.COMPLIANCE, Role.AUDITOR, Role.WORKER, command="select", using=ALL),
            *policies(
                Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, command="select", using=SHOWN_TO_STAFF
            ),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            # With the consent the value goes, in whatever role somebody withdraws or ends it.
            *policies(Role.VIEWER, Role.PERFORMER, command="delete", using=f"performer_id = {ME}"),
            Policy(
                role=Role.COMPLIANCE, command="delete", using=f"special_category AND performer_id <> {ME}"
            ),
            Policy(role=Role.WORKER, command="delete", using="special_category"),
        ]
        indexes = [
            BTree(
                fields=["definition", "performer"],
                serves="docs/queries/performers_with_attribute.sql: who has set this attribute",
            ),
            BTree(
                fields=["id"],
                condition=Q(special_category=True),
                name="%(app_label)s_%(class)s_special_idx",
                serves="performers.services.attributes.attributes_forget: values whose consent has ended",
            ),
        ]
        triggers = [
            Immutable("performer", "definition"),
            RefuseErasedPerson("performer"),
            PublicAsProfile(),
            ValueAsDefined(),
        ]

    @property
    def value(self) -> str | int | bool | None:
        """The value, of the defined kind."""
        if self.kind == AttributeKind.YES_NO:
            return self.words == YES
        return self.number if self.words is None else self.words

    def __str__(self) -> str:
        return f"{self.definition_id}: {self.performer_id}"
