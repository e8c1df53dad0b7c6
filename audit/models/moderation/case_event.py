"""What happened to a case, and the notes on it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.case_triggers import StampsEvent
from audit.models.moderation.case import SEES_CASE, Case
from audit.models.moderation.readers import CASE_STAFF, NOT_ABOUT_ME, OVERSEERS, PEOPLE
from audit.moderation_choices import (
    CaseEventKind,
    NoteAudience,
)
from core.db.constraints import length_between, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import GoesWith
from core.db.roles import Role
from core.models import Fact, Identified, Volume

REPORTED = (
    "audience = 'reporters' AND EXISTS (SELECT FROM audit_report r "
    f"WHERE r.case_id = audit_caseevent.case_id AND r.reporter_id = {ME})"
)
"""Whoever asks has reported what the case is about."""


class CaseEvent(Fact, Identified):
    """One row per thing that happened to a case, and per note. Internal notes never reach the people concerned.

    Moves are written by a trigger on `audit_case`, whoever makes them; notes by `audit.services.case_notes`.
    """

    volume, retention = Volume.LARGE, "with its case"
    over = GoesWith("case")
    held_by = HeldBy(person=("person",))

    case = models.ForeignKey(
        Case,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="events",
        db_comment="What it happened to.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="case_events_about",
        db_comment="About whom the case is; taken from the case.",
    )
    kind = models.TextField(choices=CaseEventKind, db_comment="What happened.")
    audience = models.TextField(
        choices=NoteAudience, default=NoteAudience.INTERNAL, db_comment="Who may read it besides staff."
    )
    words = personal(
        models.TextField(blank=True, default="", db_comment="The note, or the reason of the move.")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="case_events",
        db_comment="Who did it; null: the system.",
    )
    acting_role = models.TextField(db_comment="Database role in which it was done.")
    at = models.DateTimeField(db_comment="When (UTC), by the clock of the database.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per move of a case and per note on it. Moves are written by a trigger, notes by "
            "audit.services.case_notes. Kept with its case."
        )
        constraints = [
            one_of("kind", CaseEventKind),
            one_of("audience", NoteAudience),
            length_between("words", 0, 4000),
            length_between("acting_role", 1, 63),
            rule(~Q(kind=CaseEventKind.NOTE) | ~Q(words=""), "words", "A note says something."),
            rule(
                Q(audience=NoteAudience.INTERNAL) | Q(kind=CaseEventKind.NOTE),
                "audience_of_note",
                "Only notes are for anybody but colleagues.",
            ),
            Policy(role=Role.MODERATOR, command="select", using=f"{NOT_ABOUT_ME} AND {SEES_CASE}"),
            Policy(role=Role.LEAD_MODERATOR, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(
                *PEOPLE, command="select", using=f"audience = 'person' AND person_id = {ME} OR {REPORTED}"
            ),
            *policies(
                *CASE_STAFF,
                Role.COMPLIANCE,
                command="insert",
                check=f"actor_id = {ME} AND kind = 'note' AND {NOT_ABOUT_ME} AND {SEES_CASE}",
            ),
        ]
        indexes = [
            BTree(fields=["case", "id"], serves="The page of a case: what happened to it, in order"),
        ]
        triggers = [StampsEvent()]

    def __str__(self) -> str:
        return self.get_kind_display()
