"""Rules of access and private lists: rooms, and panels on the pages of streams and archives."""

from django.contrib import admin
from django.urls import reverse

from accounts.admin.filters import PersonFilter
from accounts.admin.links import period, person_link
from core.admin.actions import ConfirmedAction
from core.admin.filters import exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from streams.models import AccessGrant, AccessRule, Archive, Stream
from streams.services.access import rule_remove


@admin.register(AccessRule, site=backoffice)
class AccessRuleAdmin(ReadOnlyAdmin):
    """What watching demands."""

    section = Section.CATALOGUE
    list_display = ("kind", "details", "target", "performer", "updated_at")
    list_select_related = ("stream", "archive", "performer")
    list_filter = ("kind", exact("performer", "Performer (id)", lookup="performer_id"))
    fields = ("id", "kind", "details", "target", "performer", "created_at", "updated_at", "version")
    readonly_fields = ("details", "target")
    actions = (
        ConfirmedAction(
            "remove",
            rule_remove,
            "streams.set_accessrule",
            explain=lambda rule: (
                f"{rule.get_kind_display()} is no longer demanded of whoever watches {rule.stream or rule.archive}. "
                "Without any rule it is open to everybody who may know of it."
            ),
            done="The rule is removed.",
            dangerous=True,
            id_kwarg="access_rule_id",
        ),
    )

    @admin.display(description="What it is about")
    def target(self, rule: AccessRule) -> str:
        return str(rule.stream or rule.archive)

    @admin.display(description="In detail")
    def details(self, rule: AccessRule) -> str:
        return rule.details


@admin.register(AccessGrant, site=backoffice)
class AccessGrantAdmin(ReadOnlyAdmin):
    """Who is on private lists. Performers write them; staff look."""

    section = Section.CATALOGUE
    list_display = ("person", "target", "performer", "holds")
    list_select_related = ("user", "stream", "archive", "performer")
    list_filter = (PersonFilter, exact("performer", "Performer (id)", lookup="performer_id"))
    fields = ("id", "person", "target", "performer", "holds", "created_at")
    readonly_fields = ("person", "target", "holds")

    @admin.display(description="Person")
    def person(self, grant: AccessGrant) -> str:
        return person_link(grant.user)

    @admin.display(description="What it is about")
    def target(self, grant: AccessGrant) -> str:
        return str(grant.stream or grant.archive)

    @admin.display(description="In force (UTC)")
    def holds(self, grant: AccessGrant) -> str:
        return period(grant.valid)


PANELS = (
    Panel(
        "Rules of access",
        columns=(
            ("Demands", "kind"),
            ("In detail", "details"),
            ("Since (UTC)", lambda row: f"{row.created_at:%Y-%m-%d %H:%M}"),
        ),
        rows=lambda row: row.access_rules.order_by("-pk"),
        permission="streams.view_accessrule",
        url=lambda row: reverse("admin:streams_accessrule_change", args=[row.pk]),
        empty="Open to everybody who may know of it.",
    ),
    Panel(
        "Private list",
        columns=(
            ("Person", lambda row: person_link(row.user)),
            ("In force (UTC)", lambda row: period(row.valid)),
        ),
        rows=lambda row: row.access_grants.select_related("user").order_by("-pk"),
        permission="streams.view_accessgrant",
        url=lambda row: reverse("admin:streams_accessgrant_change", args=[row.pk]),
        empty="Nobody was invited.",
    ),
)
for _model in (Stream, Archive):
    for _panel in PANELS:
        backoffice.add_panel(_model, _panel)
