"""Whether somebody stands on a list of sanctions: screenings, and what compliance decided about what they found."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from billing.reconciliation_choices import SanctionsList, ScreeningOutcome
from billing.screening_policies import compliance_policies
from billing.screening_triggers import DecidesPossibleMatch
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import personal
from core.db.retention import Over
from core.db.text import line
from core.encryption import SealedTextField
from core.models import Fact, Identified, Volume

SO = ScreeningOutcome
FOUND = (SO.CLEAR, SO.POSSIBLE)
DECIDED = (SO.CONFIRMED, SO.FALSE_MATCH)
FIVE_YEARS = "5 years after the end of the business relationship (Regulation (EU) 2024/1624, art. 77)"


class SanctionsScreeningQuerySet(models.QuerySet):
    """Reads of screenings."""

    def undecided(self) -> Self:
        """Possible matches that nobody has decided."""
        decision = SanctionsScreening.objects.filter(decides_id=OuterRef("pk"))
        return self.filter(~Exists(decision), outcome=SO.POSSIBLE)


def relation_ended(table: str) -> Over:
    """When the relation with whom a row is about ended: with the account; with a studio, with its last membership."""
    return Over(
        "coalesce((SELECT coalesce(u.erased_at, u.closed_at) FROM accounts_user u WHERE u.id = {row}.user_id), "
        "(SELECT CASE WHEN NOT bool_or(upper_inf(m.valid)) THEN max(upper(m.valid)) END "
        "FROM performers_studiomembership m WHERE m.studio_id = {row}.studio_id))",
        found="{row}.id IN ("
        f"SELECT x.id FROM accounts_user u JOIN {table} x ON x.user_id = u.id "
        "WHERE u.closed_at IS NOT NULL AND coalesce(u.erased_at, u.closed_at) < {cut_off} UNION ALL "
        f"SELECT x.id FROM {table} x WHERE x.studio_id IN ("
        "SELECT m.studio_id FROM performers_studiomembership m GROUP BY m.studio_id "
        "HAVING NOT bool_or(upper_inf(m.valid)) AND max(upper(m.valid)) < {cut_off}))",
    )


class SanctionsScreening(Fact, Identified):
    """One row per screening of a person or studio against a list, and one per decision about a possible match.

    Written by `billing.services.sanctions_screenings`. Compliance alone reads it, and nobody about themselves. What the
    list says about whom it found is sealed, and opened with a reason.
    """

    volume, retention = Volume.LARGE, FIVE_YEARS
    over = relation_ended("billing_sanctionsscreening")
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="sanctions_screenings",
        db_comment="Who was screened; null: a studio was.",
    )
    studio = models.ForeignKey(
        "performers.Studio",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sanctions_screenings",
        db_comment="Which studio was screened; null: a person was.",
    )
    list = models.TextField(choices=SanctionsList, db_comment="Against which list.")
    list_version = models.TextField(
        db_comment="Which version of it, as its publisher names it: a date or a number."
    )
    outcome = models.TextField(choices=ScreeningOutcome, db_comment="What it came to.")
    decides = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        # The unique rule leads with it.
        db_index=False,
        related_name="decisions",
        db_comment="The possible match that is decided here; null: this is a screening.",
    )
    hit = SealedTextField(
        null=True,
        blank=True,
        verbose_name="what the list says",
        db_comment="What the list says about whom it found; sealed; null: nobody was found.",
    )
    reason = personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="Why it was decided so, in the words of the officer; empty: a screening.",
        )
    )
    screened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="sanctions_screenings_made",
        db_comment="The officer who screened or decided.",
    )
    screened_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="When (UTC), by the clock of the database."
    )

    objects: Any = SanctionsScreeningQuerySet.as_manager()

    class Meta:
        verbose_name = "sanctions screening"
        db_table_comment = (
            "One row per screening against a list of sanctions and per decision about what it found; what was found is "
            "sealed. Written by billing.services.sanctions_screenings. Compliance alone; kept 5 years after the end "
            "of the business relationship."
        )
        permissions = [
            ("screen_sanctionsscreening", "Can record screenings and decide possible matches"),
            ("reveal_sanctionsscreening", "Can reveal what a list says, with a reason"),
        ]
        constraints = [
            one_of("list", SanctionsList),
            one_of("outcome", ScreeningOutcome),
            *line("list_version", 60),
            length_between("reason", 0, 2000),
            rule(
                Q(user__isnull=True, studio__isnull=False) | Q(user__isnull=False, studio__isnull=True),
                "whom",
                "A screening is of a person or of a studio.",
            ),
            rule(
                Q(outcome__in=FOUND, decides__isnull=True, reason="")
                | Q(outcome__in=DECIDED, decides__isnull=False) & ~Q(reason=""),
                "decides",
                "A decision names the possible match and says why; a screening does neither.",
            ),
            rule(
                ~Q(outcome=SO.POSSIBLE) & Q(hit__isnull=True) | Q(outcome=SO.POSSIBLE, hit__isnull=False),
                "hit",
                "A possible match says what the list says, and nothing else does.",
            ),
            rule(
                Q(user__isnull=True) | ~Q(screened_by=F("user")), "screened_by", "Nobody screens themselves."
            ),
            unique("decides", when=Q(decides__isnull=False), message="This match was decided already."),
            *compliance_policies(written_by="screened_by_id", update=False),
        ]
        indexes = [
            BTree(
                fields=["user", "list", "-id"],
                condition=Q(user__isnull=False),
                serves="docs/queries/screenings_of_person.sql: the last screening against each list",
            ),
            BTree(
                fields=["-id"],
                condition=Q(outcome=SO.POSSIBLE),
                name="billing_sanctionsscreening_possible_idx",
                serves="docs/queries/screenings_undecided.sql: the card of compliance",
            ),
        ]
        triggers = [DecidesPossibleMatch()]

    def __str__(self) -> str:
        return f"{self.get_list_display()}: {self.get_outcome_display().lower()}"
