"""Comments on the tables of Django and of the libraries in use, which bring none of their own.

After the last app of a `migrate` they are written into the catalog by the owner, so that every table of the
schema can be read with `\\d+`. A test names the table or column that a new library leaves without words.
"""

from typing import Any, NamedTuple

from django.db import connections


class TableWords(NamedTuple):
    """What one row is, and what each column means."""

    table: str
    columns: dict[str, str]


QUEUE: dict[str, TableWords] = {
    "procrastinate_jobs": TableWords(
        "One row per piece of background work. Written by job_enqueue and by workers, through functions; kept 7 days "
        "after it was done, 90 days when it failed or was given up.",
        {
            "id": "Number of the job; the queue counts it.",
            "queue_name": "Which workers run it: default, or maintenance for those with the rights of the owner.",
            "task_name": "Which job: restrictions_expire.",
            "priority": "Higher ones first; 0 throughout.",
            "lock": "Of jobs with the same text one runs at a time; null: no such limit.",
            "queueing_lock": "Of jobs with the same text one waits at a time; null: no such limit.",
            "args": "Arguments (ids and small values), and the ids of the person and request that caused it.",
            "status": "todo waits, doing runs, failed is a dead letter; succeeded, cancelled and aborted have ended.",
            "scheduled_at": "Not before this instant (UTC); null: at once.",
            "attempts": "How many attempts have ended.",
            "abort_requested": "Whether a running job was asked to stop.",
            "worker_id": "The worker that has it or had it; null: none, or one that is gone.",
        },
    ),
    "procrastinate_events": TableWords(
        "One row per step of a job. Written by triggers of procrastinate_jobs; kept as long as the job.",
        {
            "id": "Order of the steps; the queue counts it.",
            "job_id": "The job.",
            "type": "Which step: deferred, started, deferred_for_retry, failed, succeeded, cancelled, retried.",
            "at": "When it happened (UTC); of the step scheduled: when the job is to run.",
        },
    ),
    "procrastinate_periodic_defers": TableWords(
        "One row per entry of the schedule, for the last period whose job was put into the queue: two schedulers "
        "cannot both do it. Written by workers; kept until the next period.",
        {
            "id": "Identity of the row; the queue counts it.",
            "task_name": "Which job of the schedule.",
            "defer_timestamp": "Beginning of the period, in seconds of Unix time.",
            "job_id": "The job of the period; null: it was removed.",
            "periodic_id": "Tells several schedules of one job apart; empty throughout.",
        },
    ),
    "procrastinate_workers": TableWords(
        "One row per worker process. Written by the worker itself; removed when it ends, or was dead for a while.",
        {
            "id": "Number of the worker; the queue counts it.",
            "last_heartbeat": "Its last sign of life (UTC).",
        },
    ),
}

FRAMEWORK: dict[str, TableWords] = {
    **QUEUE,
    "auth_group": TableWords(
        "One row per acting role, named like its PostgreSQL role without vbl_. Made after migrate; kept for ever.",
        {"id": "Identity of the group; Django counts it.", "name": "Short name of the role: moderator."},
    ),
    "auth_group_permissions": TableWords(
        "One row per permission of a role's group. Made equal to the access declarations after migrate.",
        {
            "id": "Identity of the pair; Django counts it.",
            "group_id": "The group of the role.",
            "permission_id": "What the role may do in the back office.",
        },
    ),
    "auth_permission": TableWords(
        "One row per thing that may be done to rows of one model. Made after migrate; kept for ever.",
        {
            "id": "Identity of the permission; Django counts it.",
            "name": "What it allows, in English: Can view person.",
            "content_type_id": "The model it is about.",
            "codename": "Name in code: view_user.",
        },
    ),
    "axes_accessattempt": TableWords(
        "One row per account and address from which signing in failed. Written by accounts.lock_out, deleted after "
        "the lock-out.",
        {
            "id": "Identity of the counter; Django counts it.",
            "user_agent": "Always empty: what a browser says is not kept.",
            "ip_address": "Network address of the attempts; null if unknown.",
            "username": "The account: id of the person, or HMAC-SHA-256 of a name that no account has.",
            "http_accept": "Always empty: what a browser says is not kept.",
            "path_info": "Always empty: what a browser says is not kept.",
            "attempt_time": "When the latest of them failed (UTC); the lock-out lasts from here.",
            "get_data": "Always empty but for lines between failures.",
            "post_data": "Always empty but for lines between failures: people type passwords into the wrong field.",
            "failures_since_start": "How many attempts failed since the row was made.",
        },
    ),
    "axes_accessattemptexpiration": TableWords(
        "Always empty: every lock-out lasts equally long (AXES_USE_ATTEMPT_EXPIRATION is off).",
        {"access_attempt_id": "The counter.", "expires_at": "When it is forgotten (UTC)."},
    ),
    "axes_accessfailurelog": TableWords(
        "Always empty: accounts_loginevent is the record of failures (AXES_ENABLE_ACCESS_FAILURE_LOG is off).",
        {
            "id": "Identity of the failure; Django counts it.",
            "user_agent": "Not used.",
            "ip_address": "Not used.",
            "username": "Not used.",
            "http_accept": "Not used.",
            "path_info": "Not used.",
            "attempt_time": "When it failed (UTC).",
            "locked_out": "Not used.",
        },
    ),
    "axes_accesslog": TableWords(
        "Always empty: accounts_loginevent is the record of sign-ins (AXES_DISABLE_ACCESS_LOG is on).",
        {
            "id": "Identity of the sign-in; Django counts it.",
            "user_agent": "Not used.",
            "ip_address": "Not used.",
            "username": "Not used.",
            "http_accept": "Not used.",
            "path_info": "Not used.",
            "attempt_time": "When somebody signed in (UTC).",
            "logout_time": "When they signed out (UTC).",
            "session_hash": "Not used.",
        },
    ),
    "django_admin_log": TableWords(
        "One row per change by a page of the back office; links pages only, the trail is audit_event.",
        {
            "id": "Identity of the entry; Django counts it.",
            "action_time": "When it happened (UTC).",
            "object_id": "Identity of the changed row, as text.",
            "object_repr": "How the row was called then.",
            "action_flag": "1 added, 2 changed, 3 deleted.",
            "change_message": "Changed fields, as Django's JSON text.",
            "content_type_id": "The model of the changed row.",
            "user_id": "The member of staff who did it.",
        },
    ),
    "django_content_type": TableWords(
        "One row per model of the project. Made after migrate; kept for ever.",
        {
            "id": "Identity of the model; Django counts it.",
            "app_label": "The app it belongs to: accounts.",
            "model": "Name of the model in lower case: restriction.",
        },
    ),
    "django_migrations": TableWords(
        "One row per migration applied to this database. Written by migrate; kept for ever.",
        {
            "id": "Order of application; Django counts it.",
            "app": "The app whose migration it is.",
            "name": "File name of the migration without its suffix.",
            "applied": "When it was applied (UTC).",
        },
    ),
    "django_session": TableWords(
        "One row per browser session; who is signed in on which device is in accounts_usersession.",
        {
            "session_key": "Random key that the cookie carries.",
            "session_data": "Signed contents of the session, as Django encodes them.",
            "expire_date": "When the session ends (UTC); deleted by clearsessions afterwards.",
        },
    ),
}

CURRENT = """
SELECT c.relname, a.attname, CASE WHEN a.attname IS NULL THEN obj_description(c.oid, 'pg_class')
  ELSE col_description(c.oid, a.attnum) END
FROM pg_class c
CROSS JOIN LATERAL (
  SELECT NULL::name, 0::int2 UNION ALL
  SELECT attname, attnum FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
) a (attname, attnum)
WHERE c.relnamespace = 'vbl'::regnamespace AND c.relname = ANY(%s)
  AND c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
"""


def write_framework_comments(using: str = "default", **_: Any) -> int:
    """Put the words into the catalog where they differ; returns how many were written.

    Touches only tables of the schema that the connection's role owns.
    """
    connection = connections[using]
    quote = connection.ops.quote_name
    written = 0
    with connection.cursor() as cursor:
        cursor.execute(CURRENT, [list(FRAMEWORK)])
        for table, column, comment in cursor.fetchall():
            words = FRAMEWORK[table]
            wanted = words.table if column is None else words.columns.get(column)
            if wanted is None or wanted == comment:
                continue
            target = f"TABLE {quote(table)}" if column is None else f"COLUMN {quote(table)}.{quote(column)}"
            cursor.execute(f"COMMENT ON {target} IS {connection.schema_editor().quote_value(wanted)}")
            written += 1
    return written
