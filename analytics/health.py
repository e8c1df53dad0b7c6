"""Whether roll-ups keep up with what happens."""

from django.db import connection

from core.health import Finding, failed, health_check, ok, warning

LAG_WARNS = 15 * 60
LAG_FAILS = 6 * 60 * 60
"""Seconds for which a roll-up may be behind. After two days the keys by which activity is counted are destroyed."""


@health_check("figures")
def rollups_keep_up() -> Finding:
    """How long ago had the roll-up caught up that is furthest behind?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('analytics_rollup_lag()') IS NOT NULL")
        (kept,) = cursor.fetchone()
        if not kept:
            return ok("This release keeps no figures.")
        cursor.execute("SELECT analytics_rollup_lag()")
        (lag,) = cursor.fetchone()
    seconds = round(lag or 0, 1)
    if seconds > LAG_FAILS:
        return failed(
            "Figures are behind: run rollups_run, and see why it does not run. After two days activity of people is "
            "lost for good.",
            seconds=seconds,
        )
    if seconds > LAG_WARNS:
        return warning("Figures are behind.", seconds=seconds)
    return ok("Figures are up to date.", seconds=seconds)
