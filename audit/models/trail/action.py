"""Actions in words."""

from django.db import models

from audit.models.trail.event import NAME_PATTERN
from core.db.constraints import length_between, matches, unique
from core.models import Entity
from core.models.storage import Volume


class Action(Entity):
    """One row per kind of action that the trail knows, with the words that tell it.

    Copied from the announcements of all apps after `migrate`; rows of actions that are no longer announced stay,
    since old events name them.
    """

    volume, retention = Volume.SMALL, "as long as events name it"

    action = models.TextField(db_comment="Name of the announcement, as events keep it.")
    words = models.TextField(db_comment="What stands between actor and subject: restricted, signed in:.")

    class Meta:
        db_table_comment = (
            "One row per kind of action, with its words. Written by audit.services.actions after migrate. "
            "Kept as long as events name it."
        )
        constraints = [
            unique("action"),
            matches("action", NAME_PATTERN, "An action is named in lower case: restriction_placed."),
            length_between("words", 2, 200),
        ]

    def __str__(self) -> str:
        return self.words
