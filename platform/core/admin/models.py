"""Base classes of every ModelAdmin: read first, change only by named actions."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import ModelAdmin, ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst

from core.admin.actions import ConfirmedAction
from core.admin.filters import InputFilter
from core.admin.keyset import BAD_PARAMETERS, KeysetChangeList
from core.admin.model_checks import BackOfficeChecks
from core.admin.object_links import links_for
from core.admin.panels import Panel, panels_for
from core.admin.sections import Section
from core.db.privacy import Privacy, privacy_of
from core.errors import Refused

COLUMN_LOOKUPS = frozenset({"exact", "in", "isnull", "isempty", "gte", "gt", "lt", "lte"})
"""What the address may ask of a column that `list_filter` names."""

UNREADABLE = frozenset({Privacy.ENCRYPTED, Privacy.SEALED})


class BackOfficeModelAdmin(ModelAdmin):
    """A room of the back office.

    Says its `section`. Nobody adds, changes or deletes rows here unless the subclass sets `adds`, `changes`
    or `deletes` and the acting role has Django's permission; the proper way to change something is a
    `ConfirmedAction` in `actions`. Lists page by key and count nothing; encrypted and sealed columns are
    never shown.
    """

    section: Section
    admin_site: Any
    adds = False
    changes = False
    deletes = False
    panels: tuple[Panel, ...] = ()

    actions: Any = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by: ClassVar[Any] = ()
    view_on_site = False
    checks_class = BackOfficeChecks

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.adds and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.changes and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.deletes and super().has_delete_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_or_change_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Every row the role may read; soft-deleted ones too, where the model keeps them."""
        manager = getattr(self.model, "all_objects", self.model._default_manager)
        return manager.get_queryset()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        """The object with the relations that its list names, in one query; None for a malformed id.

        Raises PermissionDenied for a role that may not look at all: PostgreSQL would refuse the question itself.
        """
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        related = self.get_list_select_related(request)
        queryset = self.get_queryset(request)
        if isinstance(related, (list, tuple)) and related:
            queryset = queryset.select_related(*related)
        column: Any = self.opts.get_field(from_field) if from_field else self.opts.pk
        try:
            return queryset.get(**{column.name: column.to_python(object_id)})
        except (self.model.DoesNotExist, ValidationError, ValueError):
            return None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What a service refuses after the form was found in order is said, and the page shown again."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            messages.error(request, f"{refusal} Nothing was saved.")
            return HttpResponseRedirect(request.get_full_path())

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Django's own log copies names; the trail has the act."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Django's own log copies names; the trail has the act."""

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Columns that are encrypted or sealed stay out of every form, whoever asks."""
        hidden = [field.name for field in self.opts.fields if privacy_of(field) in UNREADABLE]
        return [*(super().get_exclude(request, obj) or ()), *hidden] or None

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """What a page shows: `fields` where the room names them, else every readable column of the row."""
        if self.fields or self.adds or self.changes:
            return super().get_fields(request, obj)
        return [field.name for field in self.opts.fields if privacy_of(field) not in UNREADABLE]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what `list_filter` names may be asked for: an address is no way to probe other columns."""
        entries: Any = self.get_list_filter(request) if request else self.list_filter
        for entry in entries:
            name = entry[0] if isinstance(entry, list | tuple) else entry
            if isinstance(name, str):
                # Django's filters of a column ask it with one of these.
                if lookup == name or lookup.removeprefix(f"{name}__") in COLUMN_LOOKUPS:
                    return True
            elif issubclass(name, InputFilter):
                if lookup in [parameter for parameter, _ in name.parameters]:
                    return True
            elif lookup == getattr(name, "parameter_name", None):
                return True
        try:
            self.opts.get_field(lookup.split("__")[0])
        except FieldDoesNotExist:
            return lookup.split("__")[0] != "pk"  # nonsense, which the list itself leaves out in words
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """An id finds its row by the primary key; anything else is searched as declared."""
        try:
            identity = UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(pk=identity), False

    # Actions

    def confirmed_actions(self) -> dict[str, ConfirmedAction]:
        """The named actions of this room."""
        return {action.name: action for action in self.actions or () if isinstance(action, ConfirmedAction)}

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """For the list: only bulk actions, only those the acting role may do."""
        known: dict[str, Any] = super().get_actions(request)
        return {
            name: entry
            for name, entry in known.items()
            if not isinstance(entry[0], ConfirmedAction) or (entry[0].bulk and entry[0].permitted(request))
        }

    def get_urls(self) -> list[URLPattern]:
        action = path(
            "<path:object_id>/do/<slug:name>/",
            self.admin_site.admin_view(self.action_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_action",
        )
        return [action, *super().get_urls()]

    def action_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Confirm (GET) and carry out (POST) one named action on one object."""
        obj = self.get_object(request, unquote(object_id))
        action = self.confirmed_actions().get(name)
        if obj is None or action is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return action.view(self, request, obj)

    # Pages

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST" and not self._selection_makes_sense(request):
            messages.warning(request, "Something that is not on this list was selected; nothing was done.")
            return HttpResponseRedirect(request.get_full_path())
        if request.method == "GET" and ERROR_FLAG in request.GET:
            messages.warning(request, BAD_PARAMETERS)
        return super().changelist_view(request, extra_context)

    def _selection_makes_sense(self, request: HttpRequest) -> bool:
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(key)
        except ValidationError:
            return False
        return True

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context["title"] = str(obj)
            context["subtitle"] = capfirst(self.opts.verbose_name)
            context["object_actions"] = [
                (action, action.url(self, obj))
                for action in self.confirmed_actions().values()
                if action.permitted(request) and action.offered(obj)
            ]
            context["object_links"] = links_for(request, self.admin_site.object_links_of(self.model), obj)
            panels = (*self.panels, *self.admin_site.panels_of(self.model))
            context["panels"] = panels_for(request, panels, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's log of edits is not kept; what happened stands in the trail and in the object's panels."""
        opts = self.opts
        return HttpResponseRedirect(
            reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[quote(unquote(object_id))])
        )

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """404 with a sentence, instead of Django's redirect: nothing is here, and the list is one step away."""
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            "admin/not_found.html",
            {
                **self.admin_site.each_context(request),
                "title": f"No such {opts.verbose_name}",
                "opts": opts,
                "asked": unquote(object_id)[:100],
            },
            status=404,
        )


class ReadOnlyAdmin(BackOfficeModelAdmin):
    """A room where rows are only looked at: money, the trail, everything that services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
