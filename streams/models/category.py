"""Categories: the tree by which viewers find streams, and the other names of its places."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Length
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from core.db.constraints import matches, one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, SOMEBODY, Policy, policies
from core.db.roles import ACTING_ROLES, Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume
from streams.catalogue_triggers import CountsChildren, MergedOnce
from streams.choices import CategoryNameKind
from streams.naming import LAST_SIGN, fold, folded, one_line
from streams.parent_path import ParentExists

STEP = 4
"""Signs of a path per level; base 36, so that a category has up to 1,679,615 children."""

DEEPEST = 5
"""Levels of the tree; a directory that people leaf through needs no more."""

LAST_STEP = "["
"""Sorts behind every step of a path (digits and capital letters)."""

LONGEST_NAME = 80
CURATORS = (Role.LEAD_MODERATOR, Role.ADMINISTRATOR)
SINGLE_SPACES = r"^\S+( \S+)*$"
STANDS = Q(merged_into__isnull=True)


class CategoryQuerySet(MP_NodeQuerySet):
    """Reads of categories."""

    def standing(self) -> Self:
        """Categories that were not merged into another one."""
        return self.filter(STANDS)

    def listed(self) -> Self:
        """Categories that the directory shows."""
        return self.filter(is_listed=True)

    def within(self, path: str) -> Self:
        """The category with this path and everything below it, by range of the path's index."""
        return self.filter(path__gte=path, path__lt=path + LAST_STEP)

    def beginning_with(self, text: str) -> Self:
        """Categories whose name begins so, whatever the case; by range of the name's index."""
        beginning = fold(one_line(text))
        return self.filter(name_key__gte=beginning, name_key__lt=beginning + LAST_SIGN)


class CategoryManager(MP_NodeManager.from_queryset(CategoryQuerySet)):  # type: ignore[misc]
    """The tree, in the order of its paths."""

    def get_queryset(self) -> CategoryQuerySet:
        return CategoryQuerySet(self.model, using=self._db).order_by("path")


class Category(MP_Node, Versioned):
    """One row per category of the directory: its name, and by its path the place in the tree.

    Written by `streams.services.categories`. What was merged stays, unlisted, and names the category that took its
    place, so that old addresses lead on.
    """

    volume, retention = Volume.SMALL, "while the platform lives"
    steplen = STEP

    name = models.TextField(db_comment="Name shown to viewers, in English; other languages have aliases.")
    name_key = models.GeneratedField(
        expression=folded("name"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        db_comment="The name as comparisons see it: NFKC, case folded; generated.",
    )
    slug = models.TextField(
        db_comment="The name as part of an address on the web; unique, kept when renamed."
    )
    is_listed = models.BooleanField(
        default=True, db_comment="Shown in the directory and offered to performers."
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        db_comment="The category that took the place of this one; null: stands for itself.",
    )
    path = models.TextField(
        max_length=STEP * DEEPEST,
        db_collation="C",
        db_comment="Place in the tree: four signs (0 to 9, A to Z) for each level; kept by django-treebeard.",
    )
    depth = models.SmallIntegerField(
        db_comment="Level in the tree, from 1; the length of the path says the same."
    )
    numchild = models.IntegerField(default=0, db_comment="Number of direct children; checked by trigger.")
    parent_path = models.GeneratedField(
        expression=Func(
            F("path"),
            template=f"nullif(left(%(expressions)s, -{STEP}), '')",
            output_field=models.TextField(),
        ),
        output_field=models.TextField(null=True, db_collation="C"),
        db_persist=True,
        null=True,
        db_comment="Path of the parent, generated from the path; null: a root.",
    )

    objects: Any = CategoryManager()
    history = History(excluded_fields=["depth", "numchild"])

    class Meta:
        verbose_name_plural = "categories"
        db_table_comment = (
            "One row per category of the directory, a tree by path. Written by streams.services.categories. "
            "Kept while the platform lives."
        )
        permissions = [("curate_category", "Can add, rename, move, list and merge categories")]
        constraints = [
            *line("name", LONGEST_NAME),
            rule(Q(name__regex=SINGLE_SPACES), "name_spaces", "A name has single spaces between its words."),
            matches(
                "slug",
                "^[a-z0-9]+(-[a-z0-9]+)*$",
                "A slug has small letters (a to z), digits and single hyphens.",
            ),
            unique("slug", message="This slug is taken."),
            matches(
                "path",
                f"^([0-9A-Z]{{{STEP}}})+$",
                "A path has four digits or capital letters for each level.",
            ),
            rule(
                Q(depth__gte=1, depth__lte=DEEPEST),
                "deepest",
                f"The tree has at most {DEEPEST} levels. Choose a place higher up.",
            ),
            rule(Q(depth=Length("path") / STEP), "depth", "The depth is the number of steps in the path."),
            rule(Q(numchild__gte=0), "numchild", "A number of children is not negative."),
            unique("path", message="There is a category at this place already. Try again."),
            ParentExists(violation_error_message="A category lies below one that exists."),
            # Conditional and without distinct nulls: two roots of one name clash as two children do.
            models.UniqueConstraint(
                fields=["parent_path", "name_key"],
                condition=STANDS,
                nulls_distinct=False,
                name="%(app_label)s_%(class)s_sibling_key",
                violation_error_message="There is a category of this name at this place already.",
            ),
            rule(
                Q(merged_into__isnull=True) | Q(is_listed=False) & ~Q(merged_into=F("id")) & Q(numchild=0),
                "merged",
                "What was merged is not listed, has nothing below it, and is not merged into itself.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CURATORS, command="insert", check=SOMEBODY),
            *policies(*CURATORS, command="update", using=SOMEBODY),
            Policy(role=Role.WORKER, command="insert", check="merged_into_id IS NULL"),
            Policy(role=Role.WORKER, command="update", using="merged_into_id IS NULL"),
        ]
        indexes = [
            BTree(
                fields=["parent_path", "path"],
                serves="The children of a category in their order; its foreign key and the count of children look here",
            ),
            BTree(
                fields=["name_key"],
                serves="docs/queries/categories_by_prefix.sql: categories whose name begins so",
            ),
        ]
        triggers = [CountsChildren(), MergedOnce()]

    def __str__(self) -> str:
        return self.name


class CategoryAlias(Versioned):
    """One row per other name of a category: its name in another language, or what people call it besides.

    Two categories may share an alias, as they may share a name in different branches; a search shows both.
    """

    volume, retention = Volume.SMALL, "while the platform lives"

    category = models.ForeignKey(
        Category,
        # Other names mean nothing without what they name.
        models.CASCADE,
        # An index leads with it.
        db_index=False,
        related_name="aliases",
        db_comment="The category that is named.",
    )
    kind = models.TextField(
        choices=CategoryNameKind, db_comment="The name in this language, or another word for the same."
    )
    language = models.TextField(db_comment="Language of the name: a BCP 47 tag, such as ko or pt-BR.")
    name = models.TextField(db_comment="The name, as it is shown.")
    name_key = models.GeneratedField(
        expression=folded("name"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        db_comment="The name as comparisons see it: NFKC, case folded; generated.",
    )

    history = History()

    class Meta:
        verbose_name = "other name of a category"
        verbose_name_plural = "other names of categories"
        db_table_comment = (
            "One row per other name of a category. Written by streams.services.category_aliases. "
            "Kept with its category."
        )
        constraints = [
            one_of("kind", CategoryNameKind),
            matches(
                "language",
                "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
                "A language is written as in BCP 47: ko, pt-BR, zh-Hant.",
            ),
            *line("name", LONGEST_NAME),
            rule(Q(name__regex=SINGLE_SPACES), "name_spaces", "A name has single spaces between its words."),
            unique("category", "language", "name_key", message="The category has this name already."),
            unique(
                "category",
                "language",
                when=Q(kind=CategoryNameKind.TRANSLATION),
                name="translation",
                message="The category has a name in this language already. Remove that one first.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CURATORS, command="insert", check=SOMEBODY),
            *policies(*CURATORS, command="update", using=SOMEBODY),
            *policies(*CURATORS, command="delete", using=SOMEBODY),
            Policy(role=Role.WORKER, command="insert", check="name <> ''"),
        ]
        indexes = [
            BTree(fields=["name_key"], serves="streams.catalogue.categories_named: what a word may mean"),
        ]
        triggers = [Immutable("kind", "language", "name")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
