"""Tags in the back office: reviewed in bulk, merged after a look at what would move, and put back."""

from copy import copy
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from core.admin import confirmation
from core.admin.actions import ConfirmedAction
from core.admin.home import HomeCard, register_card
from core.admin.models import BackOfficeModelAdmin, ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.search import HITS, Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import STAFF_ROLES
from streams.admin.catalogue_forms import MergeTargetForm, TagAliasForm
from streams.models import Tag, TagAlias, TagMerge
from streams.models.tag import REVIEWERS
from streams.naming import LAST_SIGN, tag_spelling
from streams.services.tag_merges import tag_merge, tag_merge_preview, tag_merge_undo
from streams.services.tags import tag_alias_add, tag_alias_remove, tag_approve, tag_ban, tag_keep_unlisted

REVIEW = "streams.review_tag"
MERGE = "streams.merge_tag"


def _stands(tag: Tag) -> bool:
    return tag.merged_into_id is None


def _page_of(row: Any) -> str:
    return reverse(f"admin:streams_{row._meta.model_name}_change", args=[row.pk])


class MergeAction(ConfirmedAction):
    """Two steps: choose the other tag, then see what would move and confirm."""

    def view(self, admin: BackOfficeModelAdmin, request: HttpRequest, obj: Model) -> HttpResponse:
        if not (self.permitted(request) and admin.has_view_permission(request, obj)):
            raise PermissionDenied
        form = MergeTargetForm(request.GET if "target" in request.GET else None)
        if not form.is_valid():
            return self._choose(admin, request, obj, form)
        target = form.cleaned_data["target"]
        known = copy(self)
        known.service = partial(tag_merge, target_id=target.pk)
        known.explain = lambda tag: (
            f"“{tag}” into “{target}”: {tag_merge_preview(tag_id=tag.pk, target_id=target.pk)} "
            "Who has both keeps one. The merge can be undone."
        )
        return confirmation.confirm_one(known, admin, request, obj)

    def _choose(
        self, admin: BackOfficeModelAdmin, request: HttpRequest, obj: Model, form: MergeTargetForm
    ) -> HttpResponse:
        request.current_app = admin.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            "streams/tag_merge_target.html",
            {
                **admin.admin_site.each_context(request),
                "title": f"{self.words}: {obj}",
                "opts": admin.opts,
                "object": obj,
                "form": form,
                "back": confirmation.object_url(admin, obj),
            },
        )


SPELLINGS = Panel(
    title="Other spellings",
    columns=(("Spelling", "name"), ("Since (UTC)", lambda row: f"{row.created_at:%Y-%m-%d}")),
    rows=lambda tag: tag.aliases.order_by("name"),
    url=_page_of,
    limit=50,
    empty="None.",
)
MERGES = Panel(
    title="Merges",
    columns=(
        ("When (UTC)", lambda row: f"{row.merged_at:%Y-%m-%d %H:%M}"),
        ("Merged", "source"),
        ("Into", "target"),
        ("By", "merged_by"),
        ("Undone", lambda row: "yes" if hasattr(row, "reversal") else "no"),
    ),
    rows=lambda tag: (
        (tag.merges_away.all() | tag.merges_into.all())
        .select_related("source", "target", "merged_by", "reversal")
        .order_by("-pk")
    ),
    permission="streams.view_tagmerge",
    url=_page_of,
    empty="Never merged.",
)


@admin.register(Tag, site=backoffice)
class TagAdmin(ReadOnlyAdmin):
    """All tags; the filter shows those that wait for a review."""

    section = Section.CATALOGUE
    list_display = ("name", "is_usable", "is_listable", "reviewed_at", "leads_to", "created_at")
    list_filter = (
        ("reviewed_at", admin.EmptyFieldListFilter),
        "is_usable",
        "is_listable",
        ("merged_into", admin.EmptyFieldListFilter),
    )
    list_select_related = ("merged_into",)
    search_fields = ("name__exact",)
    search_help_text = "The beginning of a tag in whatever spelling, or an id."
    fields = (
        "name",
        "is_usable",
        "is_listable",
        "reviewed_at",
        "reviewed_by",
        "leads_to",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("leads_to",)
    panels = (SPELLINGS, MERGES)
    actions = (
        ConfirmedAction(
            "approve",
            tag_approve,
            REVIEW,
            words="Use and list",
            explain="Lists and suggestions show the tag.",
            done="The tag is listed.",
            available=_stands,
            bulk=True,
        ),
        ConfirmedAction(
            "keep-unlisted",
            tag_keep_unlisted,
            REVIEW,
            words="Use, do not list",
            explain="Performers may use the tag; lists and suggestions do not show it.",
            done="The tag is not listed.",
            available=_stands,
            bulk=True,
        ),
        ConfirmedAction(
            "ban",
            tag_ban,
            REVIEW,
            words="Let nobody use it",
            explain="Nobody can use the tag any more, and pages do not show it where it is.",
            done="The tag may not be used.",
            dangerous=True,
            available=_stands,
            bulk=True,
        ),
        ConfirmedAction(
            "add-spelling",
            tag_alias_add,
            MERGE,
            TagAliasForm,
            words="Add a spelling",
            explain=lambda tag: f"Whoever types the other spelling means “{tag}”.",
            done="The spelling is added.",
            available=_stands,
        ),
        MergeAction("merge", tag_merge, MERGE, words="Merge", done="Merged: {obj}.", available=_stands),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who reviewed it is shown to those who may see people."""
        hidden = set() if request.user.has_perm("accounts.view_user") else {"reviewed_by"}
        return [name for name in super().get_fields(request, obj) if name not in hidden]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By the beginning, by range of the unique index; anything else is an id."""
        by_id, _ = super().get_search_results(request, queryset, search_term)
        first = tag_spelling(search_term.replace("\x00", ""))
        if not first:
            return by_id, False
        found = queryset.filter(name__gte=first, name__lt=first + LAST_SIGN)
        return (found if found.exists() else by_id), False

    @admin.display(description="Merged into")
    def leads_to(self, tag: Tag) -> str:
        return str(tag.merged_into) if tag.merged_into_id else "–"


@admin.register(TagAlias, site=backoffice)
class TagAliasAdmin(ReadOnlyAdmin):
    """Other spellings of tags."""

    section = Section.CATALOGUE
    list_display = ("name", "tag", "created_at")
    list_select_related = ("tag",)
    search_fields = ("name__exact",)
    search_help_text = "A whole spelling, or an id."
    fields = ("name", "tag", "created_at", "id")
    actions = (
        ConfirmedAction(
            "remove",
            tag_alias_remove,
            MERGE,
            words="Take away",
            explain=lambda alias: f"“{alias.name}” no longer means “{alias.tag}”; it may become a tag again.",
            done="The spelling is taken away.",
            id_kwarg="tag_alias_id",
        ),
    )


@admin.register(TagMerge, site=backoffice)
class TagMergeAdmin(ReadOnlyAdmin):
    """Merges of tags, each with what it moved."""

    section = Section.CATALOGUE
    list_display = ("source", "target", "merged_at", "merged_by", "is_undone")
    list_select_related = ("source", "target", "merged_by", "reversal", "reversal__undone_by")
    fields = ("source", "target", "merged_at", "merged_by", "reason", "moved", "is_undone", "id")
    readonly_fields = ("moved", "is_undone")
    actions = (
        ConfirmedAction(
            "undo",
            tag_merge_undo,
            MERGE,
            words="Undo the merge",
            explain=lambda merge: (
                f"“{merge.source}” stands for itself again. Links that are still there go back to it; who had both "
                "has both again."
            ),
            done="The merge is undone.",
            available=lambda merge: not hasattr(merge, "reversal"),
            id_kwarg="tag_merge_id",
        ),
    )

    @admin.display(description="What moved")
    def moved(self, merge: TagMerge) -> str:
        return (
            f"{len(merge.stream_links)} streams, {len(merge.streams_with_both)} had both; "
            f"{len(merge.performer_links)} performers, {len(merge.performers_with_both)} had both; "
            f"{len(merge.aliases)} other spellings, {len(merge.earlier)} earlier merges."
        )

    @admin.display(description="Undone")
    def is_undone(self, merge: TagMerge) -> str:
        reversal = getattr(merge, "reversal", None)
        return f"{reversal.undone_at:%Y-%m-%d %H:%M} by {reversal.undone_by}" if reversal else "no"


def find_tags(query: str) -> list[Hit]:
    """Tags that begin so; one that is spelt exactly so opens at once."""
    spelt = tag_spelling(query)
    tags = Tag.objects.beginning_with(query)[:HITS] if spelt else []
    return [Hit(title=tag.name, url=_page_of(tag), words="tag", exact=tag.name == spelt) for tag in tags]


register_search(SearchProvider("Tags", STAFF_ROLES, find_tags, hint="tag"))
register_card(
    HomeCard(
        section=Section.CATALOGUE,
        title="Tags waiting",
        roles=REVIEWERS,
        count=lambda limit: CountUpTo(Tag.objects.waiting(), limit),
        url=lambda: f"{reverse('admin:streams_tag_changelist')}?reviewed_at__isempty=1",
        words="Lists and suggestions show them once somebody looked at them.",
    )
)
