"""Every name that a performer has ever used, as the law asks of whoever keeps records of performers."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.constraints import BaseConstraint

from accounts.erasure_triggers import RefuseErasedPerson
from accounts.legal_triggers import PeriodOnlyEnds
from core.db.constraints import matches, no_overlap, one_of, rule, without_case
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume
from performers.choices import AliasSource
from performers.models.identity_record import RECORDS_FOUND

LONGEST = 100
STAGE_NAMES = Q(slug__isnull=False)


class PerformerAliasQuerySet(EffectiveDatedQuerySet):
    """Reads of names."""

    def named(self, name: str) -> Self:
        """Exactly this name, letter case aside, whenever it was used."""
        return self.alias(folded=without_case("name")).filter(folded=name.lower())


class PerformerAlias(EffectiveDated):
    """One row per name and period in which a performer used it (28 CFR 75.2(a)(2)).

    Stage names here are written by a trigger of the profile; others by `performers.services.aliases`.
    """

    volume, retention = Volume.LARGE, "7 years after the last addition to the person's records (28 CFR 75.4)"
    over = Over(
        "performers_records_since({row}.performer_id)", found=RECORDS_FOUND, alone=True, person="performer"
    )
    held_by = HeldBy(person=("performer",), keeps=("name", "slug"))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="aliases",
        db_comment="Whose name it is or was.",
    )
    name = personal(models.TextField(db_comment="The name, in any script."))
    slug = personal(
        models.TextField(
            null=True,
            blank=True,
            db_comment="The address that went with a stage name here; null for other names.",
        )
    )
    source = models.TextField(choices=AliasSource, db_comment="How it came to be on record.")

    objects: ClassVar[Any] = PerformerAliasQuerySet.as_manager()

    class Meta:
        verbose_name = "alias"
        verbose_name_plural = "aliases"
        db_table_comment = (
            "One row per name that a performer used, and when. Written by a trigger of "
            "performers_performerprofile and by performers.services.aliases. "
            "Kept 7 years after the last addition (28 CFR 75.4), erasure or not."
        )
        constraints: ClassVar[list[BaseConstraint]] = [
            *line("name", LONGEST),
            matches(
                "slug", "^[a-z0-9]+(-[a-z0-9]+)*$", "A slug has small letters, digits and single hyphens."
            ),
            one_of("source", AliasSource),
            rule(
                Q(source=AliasSource.STAGE_NAME, slug__isnull=False)
                | ~Q(source=AliasSource.STAGE_NAME) & Q(slug__isnull=True),
                "slug",
                "A stage name here has an address, other names have none.",
            ),
            no_overlap(
                "performer",
                "source",
                "name",
                during="valid",
                message="This name is on record for that period already.",
            ),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(
                role=Role.PERFORMER, command="insert", check=f"performer_id = {ME} AND source = 'declared'"
            ),
            *policies(Role.COMPLIANCE, Role.AUDITOR, command="select", using=ALL),
            Policy(
                role=Role.COMPLIANCE, command="insert", check=f"performer_id <> {ME} AND source = 'examined'"
            ),
        ]
        indexes = [
            BTree(
                without_case("name"),
                name="%(app_label)s_%(class)s_name_idx",
                serves="docs/queries/performers_once_named.sql: who has ever used this name",
            ),
            BTree(
                fields=["slug"],
                condition=STAGE_NAMES,
                serves="performers.admission_triggers.RestingName: did another performer use this address lately?",
            ),
        ]
        triggers = [
            Immutable("performer", "name", "slug", "source"),
            RefuseErasedPerson("performer"),
            PeriodOnlyEnds(),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()}: {self.performer_id}"
