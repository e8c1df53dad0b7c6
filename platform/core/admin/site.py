"""The back office site: sections by work, sign-in, one acting role, and a form guard on every page."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin import site as default_site
from django.contrib.auth.views import LogoutView
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from core.admin import home, pages, search
from core.admin.object_links import ObjectLink
from core.admin.panels import Panel
from core.admin.roles import ROLE_WORDS, role_of_form, roles_in_force, switch_role
from core.admin.sections import Section
from core.admin.sign_in import PasswordView, SignInForm, SignInView, without_role
from core.db.roles import Role
from core.middleware import as_login_role, second_factor_passed


class BackOffice(AdminSite):
    """The one admin site of the project; `backoffice` below is its instance."""

    site_header = "VersBottomLex back office"
    site_title = "VersBottomLex back office"
    index_title = "What waits for you"
    site_url = None
    empty_value_display = "–"
    login_form = SignInForm
    password_form: type[forms.Form] | None = None
    """How a password is checked and written is known to accounts, which sets this."""

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")
        self._panels: dict[type[Model], list[Panel]] = {}
        self._object_links: dict[type[Model], list[ObjectLink]] = {}
        self._pages: list[URLPattern] = []
        self._account_links: list[tuple[str, str]] = []
        self._page_rooms: list[PageRoom] = []

    def add_pages(self, *patterns: URLPattern) -> None:
        """Add pages that are no room of a model, such as those of signing in. Call it at the import of an admin."""
        self._pages += patterns

    def add_room(self, room: "PageRoom") -> None:
        """List a page that is no room of a model among those of its section. Call it at the import of an admin."""
        self._page_rooms.append(room)

    def add_account_link(self, words: str, page: str) -> None:
        """Add a page, by its name, to the menu of one's own account. Call it at the import of an admin."""
        self._account_links.append((words, page))

    def add_panel(self, model: type[Model], panel: Panel) -> None:
        """Add a panel to the pages of a model whose app may not know of it. Call it once, at the import of an admin.

        Raises ValueError for a second panel of the same title.
        """
        panels = self._panels.setdefault(model, [])
        if any(known.title == panel.title for known in panels):
            raise ValueError(f"A panel {panel.title!r} was added to {model._meta.label} already.")
        panels.append(panel)

    def panels_of(self, model: type[Model]) -> tuple[Panel, ...]:
        """The panels that other apps added to the pages of a model."""
        return tuple(self._panels.get(model, ()))

    def add_object_link(self, model: type[Model], link: ObjectLink) -> None:
        """Add a link to the pages of a model, to a page that is no room of one. Call it at the import of an admin."""
        self._object_links.setdefault(model, []).append(link)

    def object_links_of(self, model: type[Model]) -> tuple[ObjectLink, ...]:
        """The links that were added to the pages of a model."""
        return tuple(self._object_links.get(model, ()))

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person is signed in with every factor asked for, active, staff, and acts in a role in force."""
        user = request.user
        return bool(
            user.is_active
            and user.is_authenticated
            and user.is_staff
            and second_factor_passed(request)
            and getattr(request, "acting_role", None) is not None
        )

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's wrapper, and: a form opened in another role than the acting one is refused with 409."""

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                opened = role_of_form(request)
                acting: Role = request.acting_role  # type: ignore[attr-defined]
                if opened != acting:
                    return pages.role_conflict(request, acting, opened)
            return view(request, *args, **kwargs)

        return super().admin_view(guarded, cacheable)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("role/", self.role, name="role"),
            path("logout/", self.logout, name="logout"),
            path("search/", self.admin_view(self.search), name="search"),
        ]
        return [*own, *self._pages, *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page shows: sections, acting role, roles to switch to.

        Pages that run as the login role show no navigation: that role may not read what it lists.
        """
        match = request.resolver_match
        entering = bool(match and getattr(match.func, "runs_as_login_role", False))
        permitted = self.has_permission(request)
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": self.site_url,
            "has_permission": permitted,
            "available_apps": self.get_app_list(request) if permitted and not entering else [],
            "is_popup": False,
            "is_nav_sidebar_enabled": permitted and not entering,
            "acting_role": getattr(request, "acting_role", None),
            "account_links": [(words, reverse(f"admin:{page}")) for words, page in self._account_links],
            "switchable_roles": roles_in_force(request.user) if permitted else [],
            "searchable": permitted and not entering and search.offered(request),
            "search_hint": search.hint(request) if permitted else "",
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The pages the acting role may see, grouped by section; models without one are not listed."""
        sections: dict[Section, dict[str, Any]] = {}
        for app in self._build_app_dict(request, app_label).values():
            for entry in app["models"]:
                section = getattr(self.get_model_admin(entry["model"]), "section", None)
                if section is None:
                    continue
                sections.setdefault(section, _section_entry(section))["models"].append(entry)
        role = getattr(request, "acting_role", None)
        for room in self._page_rooms:
            if role in room.roles:
                entry = {"name": room.words, "admin_url": reverse(f"admin:{room.page}")}
                sections.setdefault(room.section, _section_entry(room.section))["models"].append(entry)
        for group in sections.values():
            group["models"].sort(key=lambda entry: str(entry["name"]))
        return [sections[section] for section in sorted(sections, key=lambda section: section.rank)]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """The home page of the acting role: what waits, then every room, then one's own last acts."""
        request.current_app = self.name  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            "admin/index.html",
            {
                **self.each_context(request),
                "title": self.index_title,
                "cards": home.cards_for(request),
                "figures": home.figures_for(request),
                "recent": home.recent_of(request),
                **(extra_context or {}),
            },
        )

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sections, not apps, divide the house: the address of an app leads home."""
        return HttpResponseRedirect(reverse("admin:index"))

    def search(self, request: HttpRequest) -> HttpResponse:
        """Ask every provider of the acting role; one exact hit opens at once."""
        result = search.ask(request, request.GET.get("q", ""))
        if result.destination:
            return HttpResponseRedirect(result.destination)
        request.current_app = self.name  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            "admin/search.html",
            {**self.each_context(request), "title": "Search", "result": result},
        )

    @method_decorator(never_cache)
    @as_login_role
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign in. Who is signed in already goes on to their role or their work."""
        if request.method == "GET" and request.user.is_authenticated:
            if self.has_permission(request):
                return HttpResponseRedirect(pages.safe_next(request))
            return without_role(request)
        context = {
            **self.each_context(request),
            "title": "Sign in",
            "app_path": request.get_full_path(),
            **(extra_context or {}),
        }
        request.current_app = self.name  # type: ignore[attr-defined]
        return SignInView.as_view(extra_context=context, authentication_form=self.login_form)(request)

    @method_decorator(never_cache)
    @method_decorator(csrf_protect)
    @as_login_role
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """Sign out (POST), whatever the role of the form; signing out takes nothing from anybody."""
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:index"))
        return LogoutView.as_view(next_page=reverse("admin:login"))(request)

    @method_decorator(never_cache)
    @method_decorator(csrf_protect)
    @as_login_role
    def role(self, request: HttpRequest) -> HttpResponse:
        """Choose the acting role. A form opened in another role may be sent: it only chooses."""
        if not request.user.is_authenticated:
            return HttpResponseRedirect(reverse("admin:login"))
        roles = roles_in_force(request.user)
        if not roles or not second_factor_passed(request):
            return without_role(request)
        form = RoleForm(request.POST or None, roles=roles)
        if request.method == "POST" and form.is_valid():
            role = form.cleaned_data["role"]
            switch_role(request, role)
            messages.success(request, f"You are now acting as {role.label}.")
            return HttpResponseRedirect(pages.safe_next(request))
        request.current_app = self.name  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            "admin/role.html",
            {
                **self.each_context(request),
                "title": "In which role do you act?",
                "form": form,
                "roles": [(role, ROLE_WORDS[role]) for role in roles],
                "next": pages.safe_next(request),
            },
        )

    @as_login_role
    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Change one's own password, as the login role: the only one that may write a hash."""
        if self.password_form is None:
            raise Http404
        request.current_app = self.name  # type: ignore[attr-defined]
        context = {**self.each_context(request), "title": "Change your password", **(extra_context or {})}
        view = PasswordView.as_view(form_class=self.password_form, extra_context=context)
        return cast(HttpResponse, view(request))

    @as_login_role
    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Nothing waits here: after the change one signs in again."""
        return HttpResponseRedirect(reverse("admin:index"))


@dataclass(frozen=True)
class PageRoom:
    """A page without a model in the navigation: its section, its name there, that of its address, and who sees it."""

    section: Section
    words: str
    page: str
    roles: Collection[Role]


def _section_entry(section: Section) -> dict[str, Any]:
    """One section of the navigation, without rooms yet, as Django's templates read it."""
    return {
        "name": section.label,
        "app_label": section.value,
        "app_url": f"{reverse('admin:index')}#{section.value}",
        "has_module_perms": True,
        "models": [],
    }


class RoleForm(forms.Form):
    """The choice of one of the roles in force."""

    role = forms.TypedChoiceField(
        coerce=Role.from_short,
        error_messages={
            "required": "Choose one of your roles.",
            "invalid_choice": "That role is not yours to take at the moment. Choose one of these.",
        },
    )

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.short, role.label) for role in roles]  # type: ignore[attr-defined]


backoffice = cast("BackOffice", default_site)
"""The instance. `django.contrib.admin.site` and this are the same object."""
