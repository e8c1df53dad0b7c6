"""What streams are about: categories, tags and labels of content."""

from django.db import models

from core.db.constraints import matches, unique, unique_without_case
from core.db.policies import ALL, policies
from core.db.roles import ACTING_ROLES
from core.db.text import line
from core.models import History, Versioned, Volume


class Category(Versioned):
    """One row per category of the directory."""

    volume, retention = Volume.SMALL, "while the platform lives"

    name = models.TextField(db_comment="Name shown to viewers, in English.")
    slug = models.TextField(db_comment="The name as part of an address on the web; unique.")

    history = History()

    class Meta:
        verbose_name_plural = "categories"
        db_table_comment = (
            "One row per category of the directory. Written by streams.services.categories. Kept."
        )
        constraints = [
            *line("name", 80),
            matches(
                "slug", "^[a-z0-9]+(-[a-z0-9]+)*$", "A slug has small letters, digits and single hyphens."
            ),
            unique("slug", message="This slug is taken."),
            *policies(*ACTING_ROLES, command="select", using=ALL),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(Versioned):
    """One row per tag, in its normalised spelling."""

    volume, retention = Volume.LARGE, "while the platform lives"

    name = models.TextField(db_comment="Normalised spelling; unique.")

    history = History()

    class Meta:
        db_table_comment = "One row per tag. Written by streams.services.tags. Kept while the platform lives."
        constraints = [
            *line("name", 50),
            unique_without_case("name", message="This tag exists already."),
            *policies(*ACTING_ROLES, command="select", using=ALL),
        ]

    def __str__(self) -> str:
        return self.name


class ContentLabel(Versioned):
    """One row per label that classifies content."""

    volume, retention = Volume.SMALL, "while the platform lives"

    code = models.TextField(db_comment="Stable name of the label in code and interfaces.")
    name = models.TextField(db_comment="Name shown to people, in English.")
    minimum_age = models.SmallIntegerField(db_comment="Completed years of age that watching needs; 0: none.")

    history = History()

    class Meta:
        db_table_comment = (
            "One row per label that classifies content. Written by streams.services.labels. Kept."
        )
        constraints = [
            matches("code", "^[a-z][a-z0-9_]{1,39}$", "A code has small letters, digits and underscores."),
            unique("code", message="This code is taken."),
            *line("name", 80),
            *policies(*ACTING_ROLES, command="select", using=ALL),
        ]

    def __str__(self) -> str:
        return self.name
