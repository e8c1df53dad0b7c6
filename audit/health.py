"""Whether the trail is sealed in time."""

from django.db import connection

from core.health import Finding, failed, health_check, ok, warning

LAG_WARNS = 15 * 60
LAG_FAILS = 60 * 60
"""Seconds for which an event may wait for its seal."""


@health_check("seals")
def seals_keep_up() -> Finding:
    """How long does the oldest event wait that is not sealed?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('audit_seal_lag()') IS NOT NULL")
        (kept,) = cursor.fetchone()
        if not kept:
            return ok("This release keeps no seals.")
        cursor.execute("SELECT audit_seal_lag()")
        (lag,) = cursor.fetchone()
    seconds = round(lag or 0, 1)
    if seconds > LAG_FAILS:
        return failed(
            "Events wait for their seal: run audit_seal, and see why it does not run.", seconds=seconds
        )
    if seconds > LAG_WARNS:
        return warning("Events wait for their seal.", seconds=seconds)
    return ok("The trail is sealed.", seconds=seconds)
