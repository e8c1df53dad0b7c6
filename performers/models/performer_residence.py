"""Where performers live, as they say: for taxes and for the law that applies to them; never shown."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from accounts.legal_triggers import PeriodOnlyEnds
from core.db.constraints import matches, no_overlap, rule
from core.db.holds import HeldBy
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume


class PerformerResidence(EffectiveDated):
    """One row per period in which a performer lived in a country.

    Written by `performers.services.residences`. A table of its own because the public reads profiles
    (docs/decisions/0018).
    """

    volume, retention = Volume.LARGE, "while the account lives; deleted on erasure"
    held_by = HeldBy(person=("performer",), keeps=("country",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="residences",
        db_comment="Who lived there.",
    )
    country = personal(models.TextField(db_comment="Country of residence, ISO 3166-1 alpha-2."))

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()

    class Meta:
        verbose_name = "residence"
        db_table_comment = (
            "One row per period in which a performer lived in a country, as she says. Written by "
            "performers.services.residences. Kept while the account lives, deleted on erasure."
        )
        constraints = [
            matches("country", "^[A-Z]{2}$", "A country is two capital letters, as in ISO 3166-1."),
            rule(Q(valid__startswith__isnull=False), "since", "A residence begins at some time."),
            no_overlap("performer", during="valid", message="A performer lives in one country at a time."),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            *policies(
                Role.COMPLIANCE,
                Role.FINANCE,
                Role.FINANCE_APPROVER,
                Role.AUDITOR,
                Role.WORKER,
                command="select",
                using=ALL,
            ),
            Policy(role=Role.COMPLIANCE, command="insert", check=f"performer_id <> {ME}"),
            Policy(role=Role.COMPLIANCE, command="update", using=f"performer_id <> {ME}"),
            # Imports, in nobody's name.
            Policy(role=Role.WORKER, command="insert", check=f"{ME} IS NULL OR performer_id = {ME}"),
        ]
        triggers = [Immutable("performer", "country"), RefuseErasedPerson("performer"), PeriodOnlyEnds()]

    def __str__(self) -> str:
        return f"{self.country}: {self.performer_id}"
