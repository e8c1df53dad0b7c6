"""Access to the tables of Django and of the libraries in use."""

from core.db.access import ALL_COLUMNS, READ, AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, STAFF_ROLES, Role

EVERYBODY = (Role.APP, *ACTING_ROLES)
JOB_READERS = (Role.AUDITOR, Role.ADMINISTRATOR)

ACCESS: AccessDeclaration = {
    # Whoever writes a protected column asks which key is active; the rows hold nothing secret.
    "core.EncryptionKey": readers(*EVERYBODY),
    # Content types and permissions are reference data that Django reads while it renders any page.
    "contenttypes.ContentType": readers(*EVERYBODY),
    "auth.Permission": readers(*EVERYBODY),
    "auth.Group": readers(*EVERYBODY),
    "auth.Group_permissions": readers(*EVERYBODY),
    # Signing in and out happens as the login role; nobody else reads a session.
    "sessions.Session": {Role.APP: Rights(select=True, insert=True, update=ALL_COLUMNS, delete=True)},
    # Counters of the lock-out: kept while people sign in, lifted by administrators, forgotten by a job.
    "axes.AccessAttempt": {
        Role.APP: Rights(select=True, insert=True, update=ALL_COLUMNS, delete=True),
        Role.ADMINISTRATOR: Rights(select=True, delete=True),
        Role.WORKER: Rights(select=True, delete=True),
    },
    # Always empty; who deletes a counter has to ask for what might hang on it.
    "axes.AccessAttemptExpiration": dict.fromkeys(
        (Role.APP, Role.ADMINISTRATOR, Role.WORKER), Rights(select=True, delete=True)
    ),
    # One-time tokens of forms: written by whoever sends a form, read by nobody.
    "core.Submission": {role: Rights(insert=True) for role in STAFF_ROLES},
    "core.DatasetOffset": {Role.WORKER: Rights(select=True, insert=True)},
    # Django's own log of the back office, which stays empty: the trail is `audit_event`.
    "admin.LogEntry": readers(*STAFF_ROLES),
    # The queue: everybody puts work in by `job_enqueue` and reads nothing; workers change it by functions alone.
    "core.QueuedJob": {
        Role.WORKER: READ,
        Role.AUDITOR: READ,
        Role.ADMINISTRATOR: Rights(select=True, may=("run_again_queuedjob", "give_up_queuedjob")),
    },
    "procrastinate.ProcrastinateEvent": readers(*JOB_READERS),
    "procrastinate.ProcrastinateWorker": readers(Role.WORKER, *JOB_READERS),
    "procrastinate.ProcrastinatePeriodicDefer": readers(*JOB_READERS),
    "core.JobReceipt": {Role.WORKER: Rights(select=True, insert=True), **readers(*JOB_READERS)},
    "core.JobIncident": {
        Role.WORKER: Rights(select=True, insert=True),
        Role.AUDITOR: READ,
        Role.ADMINISTRATOR: Rights(select=True, insert=True),
    },
}

FUNCTIONS: FunctionDeclaration = {
    "job_enqueue(text, text, jsonb, text, timestamptz)": EVERYBODY,
    "job_recover(double precision, integer)": (Role.WORKER,),
    "job_run_again(bigint)": (Role.ADMINISTRATOR,),
    "job_give_up(bigint)": (Role.ADMINISTRATOR,),
    # Probes ask before anybody acts.
    "job_health(double precision)": (Role.APP,),
    "migrations_applied()": (Role.APP,),
    # What a worker asks of procrastinate; each runs with the owner's rights, see core.0005.
    **dict.fromkeys(
        (
            "procrastinate_cancel_job_v1(bigint, boolean, boolean)",
            "procrastinate_defer_periodic_job_v2(varchar, varchar, varchar, varchar, integer, varchar, bigint, jsonb)",
            "procrastinate_fetch_job_v2(varchar[], bigint)",
            "procrastinate_finish_job_v1(bigint, procrastinate_job_status, boolean)",
            "procrastinate_prune_stalled_workers_v1(double precision)",
            "procrastinate_register_worker_v1()",
            "procrastinate_retry_job_v2(bigint, timestamptz, integer, varchar, varchar)",
            "procrastinate_unregister_worker_v1(bigint)",
            "procrastinate_update_heartbeat_v1(bigint)",
        ),
        (Role.WORKER,),
    ),
    # They need keys that `core.encryption.keys_for` gives to one transaction: without, they refuse.
    "crypt.enc(text)": EVERYBODY,
    "crypt.dec(bytea)": EVERYBODY,
    "crypt.seal(text)": EVERYBODY,
    "crypt.open(bytea)": EVERYBODY,
    "crypt.is_whole(bytea)": EVERYBODY,
}
