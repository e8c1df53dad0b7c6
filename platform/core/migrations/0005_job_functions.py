from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

SEARCH_PATH = "pg_catalog, vbl, extensions, pg_temp"

# procrastinate's functions run with the rights of whoever calls. A worker calls these: with the owner's rights it
# needs no right to write the tables, and no function of the owner looks anything up in a schema of the caller.
FOR_WORKERS = {
    "procrastinate_cancel_job_v1(bigint, boolean, boolean)": "Takes a waiting job out of the queue.",
    "procrastinate_defer_periodic_job_v2(varchar, varchar, varchar, varchar, integer, varchar, bigint, jsonb)": (
        "Puts the job of one period into the queue; returns null when another scheduler was first."
    ),
    "procrastinate_fetch_job_v2(varchar[], bigint)": "Gives a worker the next job of its queues and marks it as running.",
    "procrastinate_finish_job_v1(bigint, procrastinate_job_status, boolean)": "Marks a job as ended.",
    "procrastinate_prune_stalled_workers_v1(double precision)": "Removes workers without a sign of life.",
    "procrastinate_register_worker_v1()": "Writes a worker that begins; returns its number.",
    "procrastinate_retry_job_v2(bigint, timestamptz, integer, varchar, varchar)": "Puts a job back into the queue.",
    "procrastinate_unregister_worker_v1(bigint)": "Removes a worker that ends.",
    "procrastinate_update_heartbeat_v1(bigint)": "Writes a worker's sign of life.",
}
OTHERS = {
    "procrastinate_defer_jobs_v1(procrastinate_job_to_defer_v1[])": "Puts jobs into the queue; called by job_enqueue.",
    "procrastinate_notify_queue_abort_job_v1()": "Trigger: tells workers that a running job is to stop.",
    "procrastinate_notify_queue_job_inserted_v1()": "Trigger: tells workers that there is work.",
    "procrastinate_retry_job_v1(bigint, timestamptz, integer, varchar, varchar)": "Older form of procrastinate_retry_job_v2.",
    "procrastinate_trigger_abort_requested_events_procedure_v1()": "Trigger: writes the event of a request to stop.",
    "procrastinate_trigger_function_scheduled_events_v1()": "Trigger: writes the event of a job with a time to run.",
    "procrastinate_trigger_function_status_events_insert_v1()": "Trigger: writes the event of a new job.",
    "procrastinate_trigger_function_status_events_update_v1()": "Trigger: writes the event of a job's move.",
    "procrastinate_unlink_periodic_defers_v1()": "Trigger: lets a period forget a job that is removed.",
}
TYPES = {
    "procrastinate_job_event_type": "Steps of a job.",
    "procrastinate_job_status": "How a job stands.",
    "procrastinate_job_to_defer_v1": "One job as procrastinate_defer_jobs_v1 takes it.",
}


def secure_functions(apps, schema_editor):
    for name, comment in TYPES.items():
        schema_editor.execute(
            f"COMMENT ON TYPE {name} IS {schema_editor.quote_value('procrastinate: ' + comment)}", None
        )
    for functions, definer in ((FOR_WORKERS, True), (OTHERS, False)):
        for signature, comment in functions.items():
            rights = "SECURITY DEFINER" if definer else "SECURITY INVOKER"
            schema_editor.execute(f"ALTER FUNCTION {signature} {rights} SET search_path = {SEARCH_PATH}", None)
            schema_editor.execute(
                f"COMMENT ON FUNCTION {signature} IS {schema_editor.quote_value('procrastinate: ' + comment)}", None
            )


def restore_functions(apps, schema_editor):
    for signature in (*FOR_WORKERS, *OTHERS):
        schema_editor.execute(f"ALTER FUNCTION {signature} SECURITY INVOKER RESET search_path", None)


GUARD = """
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.queue_name = NEW.queue_name THEN
    RETURN NEW;
  END IF;
  IF NEW.queue_name = 'maintenance' AND NOT pg_has_role(session_user, 'vbl_owner', 'MEMBER') THEN
    RAISE EXCEPTION 'Work for the queue maintenance runs with the rights of the owner: only the owner gives it.'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
"""

ENQUEUE = """
DECLARE
  number bigint;
  waiting_key text := job_enqueue.name || ':' || job_enqueue.key;
  cause jsonb := jsonb_strip_nulls(jsonb_build_object(
    'actor', nullif(current_setting('app.user_id', true), ''),
    'request', nullif(current_setting('app.request_id', true), '')
  ));
BEGIN
  IF job_enqueue.name !~ '^[a-z][a-z0-9_]{0,62}$' OR job_enqueue.queue !~ '^[a-z][a-z0-9_]{0,62}$'
    OR length(job_enqueue.key) > 200 OR jsonb_typeof(job_enqueue.arguments) IS DISTINCT FROM 'object'
    OR octet_length(job_enqueue.arguments::text) > 4096
  THEN
    RAISE EXCEPTION 'A job has a name and a queue in lower case, a key of at most 200 characters, and arguments '
      'that are an object of at most 4096 bytes: ids, not contents.' USING ERRCODE = 'check_violation';
  END IF;
  LOOP
    BEGIN
      SELECT job INTO STRICT number FROM unnest(procrastinate_defer_jobs_v1(ARRAY[ROW(
        job_enqueue.queue,
        job_enqueue.name,
        0,
        NULL,
        waiting_key,
        jsonb_build_object('arguments', job_enqueue.arguments, 'cause', cause),
        job_enqueue.run_at
      )::procrastinate_job_to_defer_v1])) AS job;
      RETURN number;
    EXCEPTION WHEN unique_violation THEN
      IF waiting_key IS NULL THEN
        RAISE;
      END IF;
    END;
    -- The same work waits. Held until this transaction ends, no worker can take it before it sees what we wrote.
    SELECT j.id INTO number FROM procrastinate_jobs j
    WHERE j.queueing_lock = waiting_key AND j.status = 'todo'
    FOR SHARE;
    IF FOUND THEN
      RETURN number;
    END IF;
  END LOOP;
END
"""

RECOVER = """
DECLARE
  entry record;
BEGIN
  FOR entry IN
    SELECT j.id, j.task_name, j.queue_name, j.attempts + 1 AS attempt,
      EXISTS (SELECT FROM core_jobreceipt r WHERE r.job_id = j.id) AS done,
      (SELECT count(*) FROM core_jobincident i WHERE i.job_id = j.id AND i.kind = 'lost') AS losses
    FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
    WHERE j.status = 'doing'
      AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => job_recover.stalled_seconds))
    ORDER BY j.id
    FOR NO KEY UPDATE OF j SKIP LOCKED
  LOOP
    number := entry.id;
    name := entry.task_name;
    IF entry.done THEN
      outcome := 'done';
      PERFORM procrastinate_finish_job_v1(entry.id, 'succeeded', false);
    ELSIF entry.losses + 1 >= job_recover.losses_at_most THEN
      outcome := 'failed';
      PERFORM procrastinate_finish_job_v1(entry.id, 'failed', false);
      INSERT INTO core_jobincident (job_id, kind, attempt, words) VALUES (
        entry.id, 'lost', entry.attempt,
        format('Its worker vanished %s times while it ran. It is not tried again.', entry.losses + 1)
      );
    ELSE
      BEGIN
        outcome := 'again';
        PERFORM procrastinate_retry_job_v2(entry.id, NULL, NULL, NULL, NULL);
        INSERT INTO core_jobincident (job_id, kind, attempt, words)
        VALUES (entry.id, 'lost', entry.attempt, 'Its worker vanished while it ran. It is tried again.');
        PERFORM pg_notify(
          'procrastinate_queue_v1#' || entry.queue_name,
          json_build_object('type', 'job_inserted', 'job_id', entry.id)::text
        );
      EXCEPTION WHEN unique_violation THEN
        outcome := 'superseded';
        PERFORM procrastinate_finish_job_v1(entry.id, 'aborted', false);
        INSERT INTO core_jobincident (job_id, kind, attempt, words)
        VALUES (entry.id, 'superseded', entry.attempt, 'Its worker vanished, and the same work waits already.');
      END;
    END IF;
    RETURN NEXT;
  END LOOP;
END
"""

RUN_AGAIN = """
DECLARE
  entry record;
BEGIN
  SELECT j.status::text AS status, j.queue_name INTO entry FROM procrastinate_jobs j WHERE j.id = number FOR NO KEY UPDATE;
  IF NOT FOUND OR entry.status <> 'failed' THEN
    RETURN coalesce(entry.status, 'missing');
  END IF;
  BEGIN
    PERFORM procrastinate_retry_job_v2(number, NULL, NULL, NULL, NULL);
  EXCEPTION WHEN unique_violation THEN
    RETURN 'superseded';
  END;
  PERFORM pg_notify(
    'procrastinate_queue_v1#' || entry.queue_name, json_build_object('type', 'job_inserted', 'job_id', number)::text
  );
  RETURN 'again';
END
"""

GIVE_UP = """
DECLARE
  status text;
BEGIN
  SELECT j.status::text INTO status FROM procrastinate_jobs j WHERE j.id = number FOR NO KEY UPDATE;
  IF status = 'todo' THEN
    PERFORM procrastinate_cancel_job_v1(number, false, false);
    RETURN 'given_up';
  ELSIF status = 'failed' THEN
    UPDATE procrastinate_jobs j SET status = 'cancelled' WHERE j.id = number;
    RETURN 'given_up';
  END IF;
  RETURN coalesce(status, 'missing');
END
"""

HEALTH = """
SELECT
  (
    SELECT extract(epoch FROM now() - min(due.at))::double precision
    FROM (
      SELECT j.scheduled_at AS at FROM procrastinate_jobs j WHERE j.status = 'todo' AND j.scheduled_at <= now()
      UNION ALL
      (
        SELECT e.at FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id
        WHERE j.status = 'todo' AND j.scheduled_at IS NULL
        ORDER BY j.id, e.id DESC LIMIT 1
      )
    ) AS due
  ),
  (SELECT count(*) FROM (SELECT FROM procrastinate_jobs j WHERE j.status = 'failed' LIMIT 1000) AS dead),
  (
    SELECT count(*) FROM procrastinate_workers w
    WHERE w.last_heartbeat >= now() - make_interval(secs => job_health.stalled_seconds)
  ),
  (
    SELECT coalesce(jsonb_object_agg(d.task_name, d.latest), '{}')
    FROM (
      SELECT p.task_name, max(p.defer_timestamp) AS latest FROM procrastinate_periodic_defers p GROUP BY p.task_name
    ) AS d
  ),
  (SELECT m.applied FROM django_migrations m WHERE m.app = 'core' AND m.name = '0005_job_functions')
"""


class Migration(migrations.Migration):
    """Who puts work into the queue, who takes it out, and what probes may know, without a right to the tables."""

    dependencies = [("core", "0004_jobs")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        migrations.RunPython(secure_functions, restore_functions),
        CreateFunction(
            "job_guard",
            "",
            "trigger",
            GUARD,
            comment="Trigger: nobody but the owner gives work to the queue that runs as the owner.",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER procrastinate_jobs_00_guard BEFORE INSERT OR UPDATE OF queue_name ON procrastinate_jobs "
            "FOR EACH ROW EXECUTE FUNCTION job_guard()",
            "DROP TRIGGER procrastinate_jobs_00_guard ON procrastinate_jobs",
        ),
        # Dead letters are few among many rows: the home page, their list and the probe ask for them alone. The table
        # comes with this release, so nobody waits for the index.
        migrations.RunSQL(
            "-- squawk-ignore require-concurrent-index-creation\n"
            "CREATE INDEX procrastinate_jobs_failed_idx ON procrastinate_jobs (id DESC) WHERE status = 'failed'; "
            "COMMENT ON INDEX procrastinate_jobs_failed_idx IS 'core.jobs.room and job_health: dead letters, newest first'",
            "DROP INDEX procrastinate_jobs_failed_idx",
        ),
        CreateFunction(
            "job_enqueue",
            "queue text, name text, arguments jsonb, key text, run_at timestamptz",
            "bigint",
            ENQUEUE,
            definer=True,
            comment=(
                "Puts work into the queue, in the transaction that causes it; returns the number of the job. With a key, the "
                "same work waits only once: the job that waits already is returned. For every role."
            ),
        ),
        CreateFunction(
            "job_recover",
            "stalled_seconds double precision, losses_at_most integer",
            "TABLE (number bigint, name text, outcome text)",
            RECOVER,
            definer=True,
            comment=(
                "Finds running jobs whose worker gave no sign of life, and puts them back (again), marks them as done where "
                "their receipt exists (done), or ends them (failed, superseded). For workers."
            ),
        ),
        CreateFunction(
            "job_run_again",
            "number bigint",
            "text",
            RUN_AGAIN,
            definer=True,
            comment=(
                "Puts a failed job back into the queue and returns again; otherwise its status, missing, or superseded when "
                "the same work waits already. For administrators."
            ),
        ),
        CreateFunction(
            "job_give_up",
            "number bigint",
            "text",
            GIVE_UP,
            definer=True,
            comment="Cancels a waiting or failed job and returns given_up; otherwise its status, or missing. For administrators.",
        ),
        CreateFunction(
            "job_health",
            "stalled_seconds double precision",
            "TABLE (lag_seconds double precision, dead_letters bigint, workers bigint, scheduled jsonb, since timestamptz)",
            HEALTH,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "How the queue stands: seconds for which the oldest due job waits, dead letters (at most 1000 counted), workers "
                "alive, the last period of each scheduled job (Unix time), and since when there are jobs. For probes."
            ),
        ),
        CreateFunction(
            "migrations_applied",
            "",
            "TABLE (app text, name text)",
            "SELECT m.app::text, m.name::text FROM django_migrations m",
            language="sql",
            definer=True,
            volatility="stable",
            comment="Which migrations this database has. For probes.",
        ),
    ]
