"""Private lists: who may watch what, from when, until when."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from accounts.legal_triggers import PeriodOnlyEnds
from core.db.constraints import TABLE, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume
from streams.models.access_rule import ONE_TARGET, READERS
from streams.triggers import TakesPerformer


def once(target: str) -> ExclusionConstraint:
    """Nobody is on the list of a target twice at a time."""
    return ExclusionConstraint(
        name=f"{TABLE}_{target}_valid_excl",
        expressions=[
            (target, RangeOperators.EQUAL),
            ("user", RangeOperators.EQUAL),
            ("valid", RangeOperators.OVERLAPS),
        ],
        condition=Q(**{f"{target}__isnull": False}),
        violation_error_message="This person is on the private list already.",
    )


class AccessGrant(EffectiveDated):
    """One row per person on the private list of a stream or an archive.

    Written by `streams.services.access`. A person on the list may watch what is private or asks for the list, and knows
    of it thereby; other rules hold for the person as for anybody.
    """

    volume, retention = Volume.LARGE, "with its stream or archive; gone with the person"
    held_by = HeldBy(
        person=("user", "performer"),
        stream=("stream",),
        archive=("archive",),
        # The erasure of one of the two is not for the hold on the other to refuse.
        gives_way="EXISTS (SELECT FROM accounts_user u WHERE u.id IN ({row}.user_id, {row}.performer_id) "
        "AND u.erased_at IS NOT NULL)",
    )

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="access_grants",
        db_comment="Whose stream or archive it is; taken from it.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="access_grants",
        db_comment="The stream; null: an archive.",
    )
    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="access_grants",
        db_comment="The archive; null: a stream.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="access_grants",
        db_comment="Who is on the list.",
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="access_grants_given",
        db_comment="Who put the person on the list.",
    )

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()

    class Meta:
        verbose_name = "place on a private list"
        verbose_name_plural = "places on private lists"
        db_table_comment = (
            "One row per person on the private list of a stream or an archive; dated. "
            "Written by streams.services.access. Kept with its target; gone with the person."
        )
        constraints = [
            rule(
                ONE_TARGET, "target", "A grant is about a stream or about an archive, and about one of them."
            ),
            rule(
                Q(valid__startswith__isnull=False),
                "beginning",
                "A grant says from when on it holds.",
            ),
            rule(
                ~Q(user=F("performer")),
                "user",
                "Nobody needs to be put on the private list of their own stream.",
            ),
            once("stream"),
            once("archive"),
            *policies(*READERS, command="select", using=ALL),
            *policies(Role.VIEWER, command="select", using=f"user_id = {ME}"),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME} OR user_id = {ME}"),
            Policy(
                role=Role.PERFORMER, command="insert", check=f"performer_id = {ME} AND granted_by_id = {ME}"
            ),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"], serves="A performer's own lists; what leaves with a performer"
            ),
            BTree(
                fields=["user", "-id"],
                serves="docs/queries/private_invitations.sql: where a person was invited, newest first",
            ),
        ]
        triggers = [
            Immutable("performer", "stream", "archive", "user", "granted_by"),
            TakesPerformer("stream"),
            TakesPerformer("archive", name="16_take_performer_of_archive"),
            RefuseErasedPerson(),
            PeriodOnlyEnds(),
        ]

    def __str__(self) -> str:
        return str(self.user)
