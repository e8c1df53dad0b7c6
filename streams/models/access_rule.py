"""Rules of access: what watching a stream or an archive demands."""

from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.lookups import Exact

from core.db.constraints import TABLE, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume
from streams.choices import AccessKind, CountryMode
from streams.models.stream import MODERATORS, NOT_MINE
from streams.triggers import TakesPerformer

AUDIENCES = (
    AccessKind.PUBLIC,
    AccessKind.FOLLOWERS,
    AccessKind.SUBSCRIBERS,
    AccessKind.TICKET,
    AccessKind.PRIVATE_LIST,
)
"""Kinds that say who may watch. One of several is enough; the others narrow further."""

MOST_COUNTRIES = 250
OLDEST = 99
ONE_TARGET = Exact(
    Func(F("stream"), F("archive"), function="num_nonnulls", output_field=models.IntegerField()), Value(1)
)
READERS = (Role.SUPPORT, *MODERATORS, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER)
OPEN = Case(When(kind=AccessKind.PUBLIC, then=1), default=0, output_field=models.IntegerField())


def same_openness(target: str) -> ExclusionConstraint:
    """Open to everybody, and at the same time only to some, says nothing."""
    return ExclusionConstraint(
        name=f"{TABLE}_{target}_open_excl",
        expressions=[(target, RangeOperators.EQUAL), (OPEN, RangeOperators.NOT_EQUAL)],
        condition=Q(kind__in=AUDIENCES),
        violation_error_message=(
            "A rule that opens to everybody and one that lets some people in contradict one another. "
            "Remove the other one first."
        ),
    )


class AccessRuleQuerySet(models.QuerySet):
    """Reads of rules."""

    def of(self, *, stream_id: Any = None, archive_id: Any = None) -> Self:
        """The rules of one target."""
        return self.filter(stream_id=stream_id, archive_id=archive_id)


class AccessRule(Versioned):
    """One row per demand on whoever wants to watch a stream or an archive.

    Written by `streams.services.access`, read by the watch decision (docs/guides/watching.md). A target without rules
    is open to whoever may know of it; an archive without rules of its own takes those of its stream.
    """

    volume, retention = Volume.LARGE, "with its stream or archive"
    held_by = HeldBy(person=("performer",), stream=("stream",), archive=("archive",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="access_rules",
        db_comment="Whose stream or archive it is; taken from it.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        blank=True,
        # The unique index leads with it.
        db_index=False,
        related_name="access_rules",
        db_comment="The stream; null: an archive.",
    )
    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        null=True,
        blank=True,
        # The unique index leads with it.
        db_index=False,
        related_name="access_rules",
        db_comment="The archive; null: a stream.",
    )
    kind = models.TextField(choices=AccessKind, db_comment="What is demanded.")
    minimum_age = models.SmallIntegerField(
        null=True, blank=True, db_comment="Completed years of age; null: another kind of rule."
    )
    countries = ArrayField(
        models.TextField(),
        null=True,
        blank=True,
        db_comment="Countries, ISO 3166-1 alpha-2; null: another kind of rule.",
    )
    country_mode = not_personal(
        models.TextField(
            choices=CountryMode,
            null=True,
            blank=True,
            db_comment="Whether only these countries are let in, or all but these; null: another kind of rule.",
        )
    )

    objects: Any = AccessRuleQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = "rule of access"
        verbose_name_plural = "rules of access"
        db_table_comment = (
            "One row per demand on whoever wants to watch a stream or an archive. Written by streams.services.access. "
            "Kept with its target."
        )
        permissions = [("set_accessrule", "Can set and remove rules of access")]
        constraints = [
            one_of("kind", AccessKind),
            one_of("country_mode", CountryMode),
            rule(
                ONE_TARGET, "target", "A rule is about a stream or about an archive, and about one of them."
            ),
            rule(
                Q(
                    kind=AccessKind.MINIMUM_AGE,
                    minimum_age__isnull=False,
                    minimum_age__gte=1,
                    minimum_age__lte=OLDEST,
                )
                | Q(minimum_age__isnull=True) & ~Q(kind=AccessKind.MINIMUM_AGE),
                "minimum_age",
                f"A rule about age names 1 to {OLDEST} years; other rules name none.",
            ),
            rule(
                Q(
                    kind=AccessKind.COUNTRIES,
                    country_mode__isnull=False,
                    countries__isnull=False,
                    countries__len__gte=1,
                    countries__len__lte=MOST_COUNTRIES,
                )
                | Q(countries__isnull=True, country_mode__isnull=True) & ~Q(kind=AccessKind.COUNTRIES),
                "countries",
                "A rule about countries names some and says whether they are let in or left out; others name none.",
            ),
            rule(
                Q(countries__isnull=True)  # type: ignore[arg-type]
                | models.lookups.Exact(
                    Func(
                        Func(
                            F("countries"),
                            Value(","),
                            Value("?"),
                            function="array_to_string",
                            output_field=models.TextField(),
                        ),
                        Value("^[A-Z]{2}(,[A-Z]{2})*$"),
                        function="regexp_like",
                        output_field=models.BooleanField(),
                    ),
                    Value(True),
                ),
                "countries_format",
                "A country is two capital letters of ISO 3166-1, such as PT.",
            ),
            unique(
                "stream",
                "kind",
                when=Q(stream__isnull=False),
                message="This stream has a rule of this kind already.",
            ),
            unique(
                "archive",
                "kind",
                when=Q(archive__isnull=False),
                message="This archive has a rule of this kind already.",
            ),
            same_openness("stream"),
            same_openness("archive"),
            *policies(*READERS, command="select", using=ALL),
            *policies(Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="delete", using=f"performer_id = {ME}"),
            *policies(*MODERATORS, command="insert", check=NOT_MINE),
            *policies(*MODERATORS, command="update", using=NOT_MINE),
            *policies(*MODERATORS, command="delete", using=NOT_MINE),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="A performer's own rules; what leaves with a performer")
        ]
        triggers = [
            Immutable("performer", "stream", "archive", "kind"),
            TakesPerformer("stream"),
            TakesPerformer("archive", name="16_take_performer_of_archive"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def details(self) -> str:
        """What the rule says beyond its kind, in words; empty where there is nothing more."""
        if self.minimum_age is not None:
            return f"{self.minimum_age} years"
        if self.countries is not None:
            return f"{self.get_country_mode_display()}: {', '.join(self.countries)}"
        return ""
