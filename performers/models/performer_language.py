"""The languages that performers speak."""

from django.db import models

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import matches, one_of, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume
from performers.admission_triggers import PublicAsProfile
from performers.choices import LanguageLevel
from performers.models.performer_profile import READERS


class PerformerLanguage(Entity):
    """One row per language that a performer speaks. Written by `performers.services.languages`.

    A row is shown to whoever sees the profile; whether that is everybody is carried along by trigger, so that the
    policy asks no other table.
    """

    volume, retention = Volume.LARGE, "while the account lives; deleted on erasure"
    held_by = HeldBy(person=("performer",))
    quiet_columns = ("performer_is_public",)

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # The unique rule leads with it.
        db_index=False,
        related_name="languages",
        db_comment="Who speaks it.",
    )
    language = models.TextField(
        db_comment="ISO 639 code: of two letters (639-1) where there is one, else of three (639-3)."
    )
    level = models.TextField(choices=LanguageLevel, db_comment="How well, in the performer's own judgement.")
    performer_is_public = models.BooleanField(
        default=False, editable=False, db_comment="Whether everybody sees the profile; kept by trigger."
    )

    class Meta:
        verbose_name = "spoken language"
        db_table_comment = (
            "One row per language that a performer speaks. Written by performers.services.languages. "
            "Kept while the account lives, deleted on erasure."
        )
        constraints = [
            matches("language", "^[a-z]{2,3}$", "A language is a code of ISO 639: de, or haw."),
            one_of("level", LanguageLevel),
            unique("performer", "language", message="This language is there already."),
            *policies(
                Role.VIEWER,
                Role.PERFORMER,
                command="select",
                using=f"performer_is_public OR performer_id = {ME}",
            ),
            *policies(*READERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="delete", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=f"{ME} IS NULL OR performer_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["language", "performer"],
                serves="docs/queries/performers_speaking.sql: who speaks this language, for the directory",
            ),
        ]
        triggers = [Immutable("performer", "language"), RefuseErasedPerson("performer"), PublicAsProfile()]

    def __str__(self) -> str:
        return f"{self.language} ({self.get_level_display().lower()})"
