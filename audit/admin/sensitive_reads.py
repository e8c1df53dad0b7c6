"""Who read what is encrypted, and why."""

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse

from accounts.admin.filters import user_named
from accounts.admin.links import person_link
from accounts.models import User
from audit.admin.words import ERASED, subject_words
from audit.models import SensitiveRead
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.roles import Role

ReaderFilter = exact(
    "actor", "who read", find=lambda text: Q(actor_id=user_named(text)), help="A handle or an id."
)
ReadFilter = exact(
    "person", "whose data", find=lambda text: Q(person_id=user_named(text)), help="A handle or an id."
)


def why(reading: SensitiveRead) -> str:
    """The reason in the words of whoever read."""
    return (reading.label and reading.label.reason) or ERASED


@admin.register(SensitiveRead, site=backoffice)
class SensitiveReadAdmin(ReadOnlyAdmin):
    """Readings of encrypted and sealed data."""

    section = Section.OVERSIGHT
    list_display = ("read", "who", "whose", "why", "case_reference", "created_at")
    list_filter = (ReaderFilter, ReadFilter, TimeFilter)
    list_select_related = ("actor", "person", "label")
    fields = (
        "read",
        "who",
        "acted_as",
        "whose",
        "why",
        "case_reference",
        "created_at",
        "subject_id",
        "request_id",
        "id",
    )
    readonly_fields = ("read", "who", "acted_as", "whose", "why")

    @admin.display(description="What")
    def read(self, reading: SensitiveRead) -> str:
        return f"{subject_words(reading)}: {', '.join(reading.fields)}"

    @admin.display(description="Who read")
    def who(self, reading: SensitiveRead) -> str:
        return person_link(reading.actor)

    @admin.display(description="Acting as")
    def acted_as(self, reading: SensitiveRead) -> str:
        return Role(reading.acting_role).label

    @admin.display(description="Whose data")
    def whose(self, reading: SensitiveRead) -> str:
        return person_link(reading.person)

    @admin.display(description="Why")
    def why(self, reading: SensitiveRead) -> str:
        return why(reading)


backoffice.add_panel(
    User,
    Panel(
        title="Encrypted data read",
        columns=(
            ("When (UTC)", lambda reading: f"{reading.created_at:%Y-%m-%d %H:%M}"),
            ("Who", lambda reading: str(reading.actor)),
            ("What", lambda reading: f"{subject_words(reading)}: {', '.join(reading.fields)}"),
            ("Why", why),
        ),
        rows=lambda user: user.readings.select_related("actor", "label").order_by("-pk"),
        permission="audit.view_sensitiveread",
        url=lambda reading: reverse("admin:audit_sensitiveread_change", args=[reading.pk]),
        all_url=lambda user: f"{reverse('admin:audit_sensitiveread_changelist')}?person={user.pk}",
        empty="Nobody read any.",
    ),
)
