"""Whoever is paid: a performer or a studio, exactly one of the two."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import CheckConstraint, Q

from core.db.constraints import TABLE
from core.db.indexes import BTree


def payee_indexes(what: str) -> list[BTree]:
    """The indexes by which rows of a performer and of a studio are found, newest first."""
    return [
        BTree(
            fields=[payee, "-id"],
            condition=Q(**{f"{payee}__isnull": False}),
            name=f"{TABLE}_{payee}_idx",
            serves=f"The page of a {payee}: {what}, newest first",
        )
        for payee in ("performer", "studio")
    ]


class OfPayee(models.Model):
    """A row about one performer or one studio."""

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="%(class)ss",
        db_comment="The performer whom it is about; null: a studio.",
    )
    studio = models.ForeignKey(
        "performers.Studio",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="%(class)ss",
        db_comment="The studio which it is about; null: a performer.",
    )

    base_constraints: ClassVar[tuple[CheckConstraint, ...]] = (
        CheckConstraint(
            condition=Q(performer__isnull=False, studio__isnull=True)
            | Q(performer__isnull=True, studio__isnull=False),
            name=f"{TABLE}_payee_check",
            violation_error_message="It is about a performer or about a studio, exactly one of the two.",
        ),
    )

    class Meta:
        abstract = True

    @property
    def payee_id(self) -> UUID:
        """The id of the performer, or of the studio."""
        return self.performer_id or self.studio_id  # type: ignore[attr-defined, no-any-return, return-value]
