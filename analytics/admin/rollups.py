"""How far the figures are, and what they are counted from."""

from django.contrib import admin
from django.db import connection

from analytics.models import RollupSource, RollupState
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

MOST_COUNTED = 10_000
"""Touches that the page of a roll-up counts; beyond, it says that there are more."""

WAITING = """
SELECT count(*) FROM (
  SELECT FROM analytics_rolluptouch t WHERE t.rollup = %s AND (t.moment, t.id) > (%s, %s) LIMIT %s
) w
"""


@admin.register(RollupState, site=backoffice)
class RollupStateAdmin(ReadOnlyAdmin):
    """When each roll-up last computed what was touched; the page of one says what waits for it."""

    section = Section.INSIGHT
    list_display = ("name", "caught_up_at", "ran_at", "runs", "touches", "buckets")
    fields = (
        "name",
        "waiting",
        "caught_up_at",
        "ran_at",
        "runs",
        "touches",
        "buckets",
        "until",
        "after",
        "id",
    )
    readonly_fields = ("waiting",)
    panels = (
        Panel(
            title="Counted from",
            columns=(
                ("Source", "source"),
                ("Takes", "words"),
                ("Bucket", lambda row: row.get_grain_display()),
            ),
            rows=lambda state: RollupSource.objects.filter(rollup=state.name).order_by("source"),
            permission="analytics.view_rollupsource",
            empty="No source tells it anything.",
        ),
    )

    @admin.display(description="Touches that wait")
    def waiting(self, state: RollupState) -> str:
        """What the next runs take, what is not final yet included."""
        with connection.cursor() as cursor:
            cursor.execute(WAITING, [state.name, state.until, state.after, MOST_COUNTED + 1])
            count = int(cursor.fetchone()[0])
        return f"{count:,}" if count <= MOST_COUNTED else f"more than {MOST_COUNTED:,}"


@admin.register(RollupSource, site=backoffice)
class RollupSourceAdmin(ReadOnlyAdmin):
    """Which change touches which figures."""

    section = Section.INSIGHT
    list_display = ("source", "rollup", "grain", "is_platform", "words")
    fields = ("source", "rollup", "grain", "is_platform", "words", "id")
