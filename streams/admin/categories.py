"""The tree of categories in the back office."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.models import BackOfficeModelAdmin, ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from streams.admin.catalogue_forms import (
    CategoryAliasForm,
    MergeCategoryForm,
    MoveCategoryForm,
    NewChildForm,
    RenameCategoryForm,
)
from streams.admin.category_tree import TreePage
from streams.models import Category, CategoryAlias
from streams.naming import LAST_SIGN, fold, one_line
from streams.services.categories import (
    category_create,
    category_list,
    category_move,
    category_rename,
    category_unlist,
)
from streams.services.category_aliases import category_alias_add, category_alias_remove
from streams.services.category_merges import category_merge

CURATE = "streams.curate_category"
COUNTED = 100
"""Streams of a category are counted so far and no further."""


def _stands(category: Category) -> bool:
    return category.merged_into_id is None


def _page_of(row: Any) -> str:
    return reverse(f"admin:streams_{row._meta.model_name}_change", args=[row.pk])


CHILDREN = Panel(
    title="Directly below",
    columns=(("Name", "name"), ("Slug", "slug"), ("Listed", "is_listed")),
    rows=lambda category: Category.objects.filter(parent_path=category.path),
    url=_page_of,
    limit=50,
    empty="Nothing lies below.",
)
NAMES = Panel(
    title="Other names",
    columns=(("Name", "name"), ("Language", "language"), ("What it is", "kind")),
    rows=lambda category: category.aliases.order_by("language", "pk"),
    url=_page_of,
    limit=50,
    empty="Known by its English name alone.",
)
MERGED = Panel(
    title="Merged into this one",
    columns=(("Name", "name"), ("Slug", "slug")),
    rows=lambda category: category.merged.order_by("-pk"),
    url=_page_of,
    empty="Nothing was.",
)
EARLIER = Panel(
    title="Earlier states",
    columns=(
        ("When (UTC)", lambda row: f"{row.history_date:%Y-%m-%d %H:%M}"),
        ("Name", "name"),
        ("Slug", "slug"),
        ("Listed", "is_listed"),
        ("Path", "path"),
    ),
    rows=lambda category: Category.history.filter(id=category.pk).order_by("-history_id"),
    permission="streams.view_historicalcategory",
    empty="Unchanged since it was made.",
)


@admin.register(Category, site=backoffice)
class CategoryAdmin(BackOfficeModelAdmin):
    """The tree, indented: each row says its level in words too."""

    section = Section.CATALOGUE
    adds = True
    list_per_page = 100
    list_display = ("in_tree", "slug", "is_listed", "streams", "leads_to")
    list_filter = ("is_listed", ("merged_into", admin.EmptyFieldListFilter))
    list_select_related = ("merged_into",)
    search_fields = ("name_key__exact",)
    search_help_text = "The beginning of a name in any language, or an id."
    fields = ("name", "slug", "is_listed", "streams", "depth", "path", "merged_into", "id", "version")
    readonly_fields = ("streams", "is_listed", "depth", "path", "merged_into", "id", "version")
    panels = (CHILDREN, NAMES, MERGED, EARLIER)
    actions = (
        ConfirmedAction(
            "add-below",
            category_create,
            CURATE,
            NewChildForm,
            words="Add below",
            explain=lambda category: (
                f"The new category is the last one directly below “{category}”, and listed."
            ),
            done="The category is added.",
            available=_stands,
            id_kwarg="parent_id",
        ),
        ConfirmedAction(
            "rename",
            category_rename,
            CURATE,
            RenameCategoryForm,
            explain=lambda category: f"Viewers read the new name instead of “{category}” at once.",
            done="The category is renamed.",
            available=_stands,
        ),
        ConfirmedAction(
            "move",
            category_move,
            CURATE,
            MoveCategoryForm,
            explain=lambda category: (
                f"“{category}” and all that lies below it go there; streams keep their categories."
            ),
            done="The category is moved.",
            available=_stands,
        ),
        ConfirmedAction(
            "list",
            category_list,
            CURATE,
            words="List",
            explain="The directory shows the category, and performers may find it.",
            done="The category is listed.",
            available=lambda category: _stands(category) and not category.is_listed,
        ),
        ConfirmedAction(
            "unlist",
            category_unlist,
            CURATE,
            words="Take out of the directory",
            explain="Streams keep the category; the directory does not show it.",
            done="The category is not listed.",
            available=lambda category: _stands(category) and category.is_listed,
        ),
        ConfirmedAction(
            "add-name",
            category_alias_add,
            CURATE,
            CategoryAliasForm,
            words="Add a name",
            explain=lambda category: f"“{category}” is found and shown by this name too.",
            done="The name is added.",
            available=_stands,
        ),
        ConfirmedAction(
            "merge",
            category_merge,
            CURATE,
            MergeCategoryForm,
            explain=lambda category: (
                f"Streams, performers, other names and whatever lies below “{category}” go to the other one, and "
                "its address leads there."
            ),
            done="The category is merged.",
            dangerous=True,
            available=_stands,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        counted = RawSQL(  # noqa: S611  (no value of anybody in it)
            "(SELECT count(*) FROM (SELECT FROM streams_streamcategory l "
            f"WHERE l.category_id = streams_category.id LIMIT {COUNTED}) few)",
            (),
        )
        return super().get_queryset(request).annotate(counted=counted)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TreePage]:
        return TreePage

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By the beginning of a name or of another name, by the indexes of both; anything else is an id."""
        first = fold(one_line(search_term.replace("\x00", "")))
        bounds = {"name_key__gte": first, "name_key__lt": first + LAST_SIGN}
        aliased = CategoryAlias.objects.filter(**bounds).values("category_id")
        found = queryset.filter(Q(**bounds) | Q(pk__in=aliased))
        by_id, _ = super().get_search_results(request, queryset, search_term)
        return (found if not first or found.exists() else by_id), False

    @admin.display(description="Category")
    def in_tree(self, category: Category) -> SafeString:
        above: list[str] = getattr(category, "above", [])
        return format_html(
            '<span aria-hidden="true">{}</span>{}<span class="visually-hidden"> (level {}{})</span>',
            "\u2003" * len(above) + ("└ " if above else ""),
            category.name,
            category.depth,
            f", below {' › '.join(above)}" if above else "",  # noqa: RUF001
        )

    @admin.display(description="Streams")
    def streams(self, category: Category) -> str:
        counted: int = getattr(category, "counted", 0)
        return str(counted) if counted < COUNTED else f"{COUNTED - 1}+"

    @admin.display(description="Merged into")
    def leads_to(self, category: Category) -> str:
        return str(category.merged_into) if category.merged_into_id else "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CURATE)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else ("name", "slug")

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        """A root, through the service; the row it wrote takes the place of the form's."""
        made = category_create(name=obj.name, slug=obj.slug, actor=cast(User, request.user))
        obj.pk = made.pk

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What is added here is a root."""
        return super().add_view(request, form_url, {"title": "Add a root", **(extra_context or {})})


@admin.register(CategoryAlias, site=backoffice)
class CategoryAliasAdmin(ReadOnlyAdmin):
    """Other names of categories."""

    section = Section.CATALOGUE
    list_display = ("name", "language", "kind", "category")
    list_filter = ("kind",)
    list_select_related = ("category",)
    search_fields = ("name_key__exact",)
    search_help_text = "A whole name in small letters, or an id."
    fields = ("name", "language", "kind", "category", "created_at", "id")
    actions = (
        ConfirmedAction(
            "remove",
            category_alias_remove,
            CURATE,
            words="Take away",
            explain=lambda alias: f"“{alias.category}” is no longer found as “{alias.name}”.",
            done="The name is taken away.",
            id_kwarg="category_alias_id",
        ),
    )
