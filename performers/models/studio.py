"""Agencies, and which performer belongs to which, at which share."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import matches, no_overlap, rule, unique
from core.db.holds import HeldBy, NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, History, Versioned, Volume

READERS = (Role.FINANCE_APPROVER, Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR)
WHOLE = Decimal(1)


class Studio(Versioned):
    """One row per agency whose performers share with it what they earn.

    Written by `performers.services.studios`.
    """

    volume, retention = Volume.SMALL, "7 years after its last membership"
    over = Over(
        "(SELECT CASE WHEN bool_or(upper_inf(m.valid)) THEN NULL "
        "ELSE coalesce(max(upper(m.valid)), uuid_extract_timestamp({row}.id)) END "
        "FROM performers_studiomembership m WHERE m.studio_id = {row}.id)",
    )
    held_by = NotHeld("A company is nobody whom a hold is about; the memberships of people are kept.")

    name = models.TextField(db_comment="Name under which the studio is known.")
    legal_name = personal(
        models.TextField(db_comment="Name of the legal entity; of a sole trader, a person's name.")
    )
    country = not_personal(models.TextField(db_comment="Country of registration, ISO 3166-1 alpha-2."))
    registration_number = models.TextField(db_comment="Number in the register of companies of that country.")

    history = History()

    class Meta:
        db_table_comment = (
            "One row per agency. Written by performers.services.studios. "
            "Kept 7 years after its last membership."
        )
        constraints = [
            *line("name", 100, least=2),
            *line("legal_name", 200, least=2),
            matches("country", "^[A-Z]{2}$", "A country is two capital letters of ISO 3166-1, such as PT."),
            *line("registration_number", 60),
            unique(
                "country",
                "registration_number",
                message="A studio with this registration number in this country exists already.",
            ),
            *policies(Role.FINANCE, *READERS, command="select", using=ALL),
            Policy(role=Role.FINANCE, command="insert", check="version = 1"),
        ]
        indexes = [BTree(fields=["name"], serves="The room of studios: search by the beginning of the name")]

    def __str__(self) -> str:
        return self.name


class StudioMembership(EffectiveDated):
    """One row per period in which a performer belongs to a studio, and the share agreed.

    Written by `performers.services.studios`. `studio_share` is the part of the performer's side, which is what the
    revenue rule leaves after the platform's, that goes to the studio; the performer keeps the rest. Billing reads it as
    of the instant of what was earned.
    """

    volume, retention = Volume.LARGE, "7 years after its end"
    over = Over("upper({row}.valid)")
    held_by = HeldBy(person=("performer",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="studio_memberships",
        db_comment="Who belongs to the studio.",
    )
    studio = models.ForeignKey(
        Studio,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="memberships",
        db_comment="To which studio.",
    )
    studio_share = models.DecimalField(
        max_digits=20,
        decimal_places=10,
        db_comment="Part of the performer's side that goes to the studio, 0 to 1 (0.2: a fifth).",
    )

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per period in which a performer belongs to a studio, with the share agreed. "
            "Written by performers.services.studios. Kept 7 years after its end."
        )
        constraints = [
            rule(
                Q(studio_share__gte=0, studio_share__lte=WHOLE),
                "studio_share",
                "A share lies between 0 and 1 (0.2: a fifth).",
            ),
            rule(Q(valid__lower_inf=False), "since", "A membership has a beginning."),
            no_overlap(
                "performer",
                during="valid",
                message="The performer belongs to a studio in part of this time already. End that membership first.",
            ),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            *policies(Role.FINANCE, *READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.FINANCE, command="insert", check=f"performer_id <> {ME}"),
            Policy(role=Role.FINANCE, command="update", using=f"performer_id <> {ME}"),
        ]
        indexes = [BTree(fields=["studio", "-id"], serves="A studio's page: memberships, newest first")]
        triggers = [Immutable("performer", "studio", "studio_share"), RefuseErasedPerson("performer")]

    def __str__(self) -> str:
        return f"{self.studio} – {self.performer}"
