"""Labels that classify content, and what a viewer wants to see of each."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, SOMEBODY, policies
from core.db.roles import ACTING_ROLES, Role
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import Entity, History, Versioned, Volume
from streams.choices import LabelAction, LabelSeverity
from streams.models.category import CURATORS

OLDEST = 25
"""Years of age that no law asks more than."""


class ContentLabelQuerySet(models.QuerySet):
    """Reads of labels."""

    def in_use(self) -> Self:
        """Labels that may be set."""
        return self.filter(is_in_use=True)


class ContentLabel(Versioned):
    """One row per label that classifies content.

    The first vocabulary is written by a migration, and changed by `streams.services.content_labels`. A label is retired
    and not deleted, since streams carry it.
    """

    volume, retention = Volume.SMALL, "while the platform lives"

    code = models.TextField(db_comment="Stable name of the label in code and interfaces.")
    name = models.TextField(db_comment="Name shown to people, in English.")
    description = models.TextField(
        blank=True, default="", db_comment="What falls under the label and what does not, for who sets it."
    )
    severity = models.TextField(
        choices=LabelSeverity, default=LabelSeverity.MODERATE, db_comment="How strong such content is."
    )
    minimum_age = models.SmallIntegerField(
        default=0, db_comment="Completed years of age that watching needs; 0: none."
    )
    is_in_use = models.BooleanField(default=True, db_comment="May be set; a retired label stays where it is.")

    objects: Any = ContentLabelQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per label that classifies content. Written by streams.services.content_labels. Kept."
        )
        permissions = [("define_contentlabel", "Can define, change and retire labels of content")]
        constraints = [
            matches("code", "^[a-z][a-z0-9_]{1,39}$", "A code has small letters, digits and underscores."),
            unique("code", message="This code is taken."),
            *line("name", 80),
            *paragraphs("description", 1000),
            one_of("severity", LabelSeverity),
            rule(
                Q(minimum_age__gte=0, minimum_age__lte=OLDEST),
                "minimum_age",
                f"A minimum age is 0 to {OLDEST} years.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CURATORS, command="insert", check=SOMEBODY),
            *policies(*CURATORS, command="update", using=SOMEBODY),
        ]
        triggers = [Immutable("code")]

    def __str__(self) -> str:
        return self.name


class ViewerLabelPreference(Entity):
    """One row per label about which a viewer said what to do with it.

    Nobody but the viewer reads it, since it says what somebody likes and fears. Whoever is below the label's minimum
    age is refused by the watch decision, whatever stands here.
    """

    volume, retention = Volume.LARGE, "until the viewer changes it; deleted with the account's erasure"
    held_by = NotHeld("A setting of how things work from now on; it says nothing about what happened.")

    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # Preferences mean nothing without their person.
        models.CASCADE,
        # The unique constraint leads with it.
        db_index=False,
        related_name="label_preferences",
        db_comment="Whose preference it is.",
    )
    label = models.ForeignKey(
        ContentLabel, models.PROTECT, related_name="preferences", db_comment="The label it is about."
    )
    action = models.TextField(choices=LabelAction, db_comment="What happens to content with the label.")

    class Meta:
        db_table_comment = (
            "One row per viewer and label: show, blur or hide. Written by streams.services.content_labels. "
            "Deleted with the account's erasure."
        )
        constraints = [
            one_of("action", LabelAction),
            unique("viewer", "label", message="There is a preference for this label already."),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"viewer_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=f"viewer_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=f"viewer_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="delete", using=f"viewer_id = {ME}"),
        ]
        triggers = [Immutable("viewer", "label"), RefuseErasedPerson("viewer")]
