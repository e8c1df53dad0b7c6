"""Rates of value-added tax, by place and time."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from billing.catalogue_choices import TaxKind
from billing.catalogue_triggers import OnlyEnds
from core.db.constraints import matches, no_overlap, one_of, rule
from core.db.policies import ALL, policies
from core.db.roles import ACTING_ROLES, Role
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume

HIGHEST_RATE = 1
"""A tax takes no more than the net price; every known rate is far below."""


class TaxRate(EffectiveDated):
    """One row per rate of tax in a jurisdiction, during `valid`, which begins and ends at its midnights.

    Written by `billing.services.tax_rates`, as the worker. A rate is never changed; its end moves when the next one
    begins.
    """

    volume, retention = Volume.SMALL, "10 years after its end"

    jurisdiction = models.TextField(
        db_collation="C",
        db_comment="Country of ISO 3166-1 (PT), or a part of one with a postal or regional code (PT-20).",
    )
    kind = models.TextField(
        choices=TaxKind, default=TaxKind.STANDARD, db_comment="Which of the jurisdiction's rates."
    )
    rate = models.DecimalField(
        max_digits=20, decimal_places=10, db_comment="Part of the net price: 0.23 is 23 per cent; 0: exempt."
    )
    source = models.TextField(db_comment="From where the rate is known: the name of a data set.")
    description = models.TextField(
        blank=True, default="", db_comment="What the source says about it, in English."
    )

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per rate of value-added tax in a place; dated. Written by billing.services.tax_rates. "
            "Kept 10 years after its end."
        )
        constraints = [
            matches(
                "jurisdiction",
                "^[A-Z]{2}(-[A-Z0-9][A-Z0-9 ]{0,9})?$",
                "A jurisdiction is a country, such as PT, or a part of one, such as PT-20.",
            ),
            one_of("kind", TaxKind),
            rule(Q(rate__gte=0, rate__lte=HIGHEST_RATE), "rate", "A tax rate lies between 0 and 1."),
            rule(
                Q(valid__startswith__isnull=False),
                "valid_from",
                "A tax rate says from when it holds.",
            ),
            *line("source", 60),
            *paragraphs("description", 500),
            no_overlap(
                "jurisdiction",
                "kind",
                during="valid",
                message="A rate of this kind in this jurisdiction already covers part of that period.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
            *policies(Role.WORKER, command="update", using=ALL),
        ]
        triggers = [Immutable("jurisdiction", "kind", "rate", "source"), OnlyEnds()]

    def __str__(self) -> str:
        return f"{self.rate * 100:.2f} % in {self.jurisdiction}"
