"""Legal holds: what somebody with authority demands to be kept as it is."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.choices import HoldAuthority, HoldScope
from audit.hold_triggers import BeginsNow, EndsOnce
from core.db.constraints import length_between, matches, no_overlap, one_of, rule
from core.db.holds import NotHeld
from core.db.indexes import BTree, Gist
from core.db.policies import ALL, ME, SOMEBODY, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, History, Volume

READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
"""They read every hold whole. Others learn at most that there is one: `legal_hold_since`."""


class LegalHoldQuerySet(EffectiveDatedQuerySet):
    """Reads of holds."""

    def about(self, scope_kind: str, scope_id: Any) -> Self:
        """Holds placed on exactly this, ended ones included."""
        return self.filter(scope_kind=scope_kind, scope_id=scope_id)

    def ending_before(self, instant: datetime) -> Self:
        """Holds in force that end by themselves before `instant`, the first one first."""
        return self.in_force().filter(valid__endswith__lt=instant).order_by("valid__endswith", "pk")


class LegalHold(EffectiveDated):
    """One row per legal hold: what is kept, who demands it, by which law, from when, until when.

    Written by `audit.services.legal_holds`. It begins when it is written and stops, in the database, every deletion,
    purge, erasure and edit of what it covers (docs/guides/holds.md). Scope and authority never change.
    """

    volume, retention = Volume.SMALL, "for ever: it answers why something was kept"
    held_by = NotHeld("Nobody can delete a hold, and nothing of it but its end ever changes.")

    scope_kind = models.TextField(choices=HoldScope, db_comment="What kind of thing is kept.")
    scope_id = models.UUIDField(db_comment="Identity of the person, stream or archive that is kept.")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="legal_holds",
        db_comment="Whom it is about: the person, or whose stream or archive it is; taken from the scope by trigger.",
    )
    authority_kind = models.TextField(choices=HoldAuthority, db_comment="What kind of authority demands it.")
    authority = personal(models.TextField(db_comment="Who demands it, by name: Amtsgericht Hamburg."))
    reference = personal(models.TextField(db_comment="File number of the authority."))
    basis = models.TextField(db_comment="By which law or order: section 100j StPO.")
    reason = personal(models.TextField(db_comment="Why it is kept, in the words of who placed the hold."))
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="legal_holds_placed",
        db_comment="Who placed it.",
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="legal_holds_released",
        db_comment="Who released it: somebody else than who placed it; null: nobody did.",
    )
    released_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was released (UTC); null: it was not."
    )
    release_reason = personal(
        models.TextField(
            blank=True, default="", db_default="", db_comment="Why it was released; empty: it was not."
        )
    )

    objects: ClassVar[Any] = LegalHoldQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = "legal hold"
        db_table_comment = (
            "One row per legal hold; it stops deletion, purge, erasure and edits of what it covers. Written by "
            "audit.services.legal_holds. Kept for ever."
        )
        permissions = [
            ("place_legalhold", "Can place, prolong and release legal holds"),
            ("notice_legalhold", "Can learn that something is held, and nothing else of it"),
        ]
        constraints = [
            one_of("scope_kind", HoldScope),
            one_of("authority_kind", HoldAuthority),
            length_between("authority", 3, 200),
            matches("authority", "[[:alnum:]]", "A hold names the authority that demands it."),
            length_between("reference", 1, 100),
            matches("reference", "[[:alnum:]]", "A hold names the file number of the authority."),
            length_between("basis", 3, 300),
            matches("basis", "[[:alnum:]]", "A hold names the law or the order on which it rests."),
            length_between("reason", 3, 2000),
            length_between("release_reason", 0, 2000),
            rule(Q(valid__startswith__isnull=False), "valid_start", "A hold has a beginning."),
            rule(
                Q(released_at__isnull=True, released_by__isnull=True, release_reason="")
                | Q(
                    released_at__isnull=False,
                    released_by__isnull=False,
                    release_reason__length__gte=3,
                    valid__endswith=F("released_at"),
                ),
                "released",
                "A released hold says by whom and why, and has ended.",
            ),
            rule(
                Q(released_by__isnull=True) | ~Q(released_by=F("placed_by")),
                "released_by",
                "A hold is released by somebody else than who placed it.",
            ),
            rule(
                ~Q(placed_by=F("person")) & (Q(released_by__isnull=True) | ~Q(released_by=F("person"))),
                "person",
                "Nobody places or releases a hold about themselves.",
            ),
            no_overlap(
                "scope_kind",
                "scope_id",
                "authority",
                "reference",
                during="valid",
                message="This authority has a hold on this already, under this reference.",
            ),
            # The retention role asks when the hold of a copied row ended.
            *policies(*READERS, Role.RETENTION, command="select", using=ALL),
            Policy(role=Role.COMPLIANCE, command="insert", check=f"placed_by_id = {ME}"),
            Policy(
                role=Role.COMPLIANCE,
                command="update",
                using=SOMEBODY,
                check=f"released_by_id IS NULL OR released_by_id = {ME}",
            ),
        ]
        indexes = [
            # What covers something is found by the index of the exclusion constraint, which leads with the scope.
            BTree(
                fields=["reference", "-id"],
                serves="docs/queries/holds_by_reference.sql: the file of an authority, newest first",
            ),
            Gist(
                fields=["valid"],
                serves="docs/queries/holds_ending.sql: the home page of compliance; audit_hold_reach: holds in force",
            ),
        ]
        triggers = [
            BeginsNow(),
            Immutable(
                "scope_kind",
                "scope_id",
                "person",
                "authority_kind",
                "authority",
                "reference",
                "basis",
                "reason",
                "placed_by",
            ),
            EndsOnce(),
        ]

    def __str__(self) -> str:
        return f"{self.get_authority_kind_display()}, {self.reference}"

    @property
    def trail_name(self) -> str:
        """What the trail calls it: not by the words of an authority."""
        return f"hold on {self.scope_kind} {self.scope_id}"
