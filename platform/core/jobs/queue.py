"""procrastinate as the workers of the house use it: its connection, its tasks, and what it writes down."""

from collections.abc import Iterable
from typing import Any

import attr
import psycopg
import structlog
from django.core.management.base import CommandError
from procrastinate import App, PsycopgConnector, exceptions, job_context
from procrastinate import jobs as procrastinate_jobs
from procrastinate.contrib.django.db_cleanup import DjangoApp
from procrastinate.contrib.django.utils import connector_params
from procrastinate.manager import JobManager

from core.choices import IncidentKind
from core.db.roles import Role
from core.jobs.job import Job, known_jobs, unknown_words
from core.jobs.running import run_job
from core.jobs.schedule import schedule

logger = structlog.get_logger(__name__)

POOLED = (
    "A worker needs connections of its own: it listens, and acts as {role} for as long as it is connected, which a "
    "pooler in transaction mode cannot give. Let the URL of this process lead to the server itself."
)
INCIDENT = (
    "INSERT INTO core_jobincident (job_id, kind, attempt, words) "
    "VALUES (%(number)s, %(kind)s, %(attempt)s, %(words)s)"
)


class QuietJob(procrastinate_jobs.Job):
    """A job whose name in logs is without its arguments."""

    @property
    def call_string(self) -> str:
        """Name and number."""
        return f"{self.task_name}[{self.id}]"

    def log_context(self) -> dict[str, Any]:
        """What procrastinate adds to its lines."""
        return {"id": self.id, "task_name": self.task_name, "queue": self.queue, "attempts": self.attempts}


class HouseJobManager(JobManager):
    """procrastinate's way to the queue, which stays on its feet where procrastinate would stop or forget.

    As shipped, a job whose retry meets another one of the same key, waiting, stays marked as running for ever; one
    that was ended by somebody else raises into nowhere; and of a job without code no reason is kept.
    """

    known: frozenset[str] = frozenset()

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Any:
        """The next job, in its quiet form."""
        job = await super().fetch_job(queues=queues, worker_id=worker_id)
        return None if job is None else QuietJob(**attr.asdict(job, recurse=False))

    async def finish_job(
        self, job: Any, status: procrastinate_jobs.Status, delete_job: bool, *args: Any, **options: Any
    ) -> None:
        """Mark a job as ended; that of an unknown name with its reason."""
        if status is procrastinate_jobs.Status.FAILED and job.task_name not in self.known:
            logger.error("there is no such job in this release", job=job.id, job_name=job.task_name)
            await self._keep(job, IncidentKind.UNKNOWN, unknown_words(job.task_name))
        try:
            await super().finish_job(job, status, delete_job, *args, **options)
        except exceptions.ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.errors.RaiseException):
                raise
            # Another worker, which got the job when this one seemed dead, has ended it.
            logger.warning("the job was ended by another worker", job=job.id, job_name=job.task_name)

    async def retry_job(self, job: Any, *args: Any, **options: Any) -> None:
        """Put a job back, or end it where the same work waits already."""
        try:
            await super().retry_job(job, *args, **options)
        except exceptions.UniqueViolation:
            words = "The attempt failed, and the same work waits already."
            await self._keep(job, IncidentKind.SUPERSEDED, words)
            await super().finish_job(job, procrastinate_jobs.Status.ABORTED, False)
        except exceptions.ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.errors.RaiseException):
                raise
            logger.warning("the job was ended by another worker", job=job.id, job_name=job.task_name)

    async def _keep(self, job: Any, kind: IncidentKind, words: str) -> None:
        await self.connector.execute_query_async(
            INCIDENT, number=job.id, kind=kind.value, attempt=job.attempts + 1, words=words
        )


def worker_app(*, role: Role, queues: tuple[str, ...], connections: int) -> App:
    """procrastinate's application for one worker process, connected as the settings say and acting as `role`.

    It knows every job, and defers the entries of the schedule that belong to its queues. Raises CommandError when
    the connection cannot hold a role.
    """
    parameters = connection_parameters(role)
    connector = PsycopgConnector(kwargs=parameters, min_size=1, max_size=connections)
    app = DjangoApp(connector=connector)
    app.job_manager = manager = HouseJobManager(connector)
    jobs = known_jobs()
    manager.known = frozenset(app.tasks) | frozenset(jobs)
    entries = {entry.command: entry for entry in schedule() if entry.queue in queues}
    for name, declared in jobs.items():
        task = app.task(name=name, queue=declared.queue, retry=declared.retry, pass_context=True)(
            _runner(declared)
        )
        if name in entries:
            app.periodic_registry.register_task(
                task=task,
                cron=entries[name].cron,
                periodic_id="",
                # One waits and one runs at most, however long a run takes.
                configure_kwargs={"queue": declared.queue, "lock": name, "queueing_lock": f"{name}:schedule"},
            )
    return app


def connection_parameters(role: Role) -> dict[str, Any]:
    """How a worker connects: as Django does, and as `role` from the first statement on.

    The role is a start-up option: a pooler in transaction mode refuses those, so no session setting can leak there.
    Raises CommandError where the role does not hold.
    """
    parameters = connector_params()
    options = f"{parameters.get('options', '')} -c role={role.value}".strip()
    parameters |= {"options": options, "application_name": f"versbottomlex {role.short}"}
    try:
        with psycopg.connect(**parameters, autocommit=True) as probe:
            row = probe.execute("SELECT current_user").fetchone()
    except psycopg.OperationalError as error:
        if "startup parameter" in str(error):
            raise CommandError(POOLED.format(role=role.value)) from error
        first_line = str(error).strip().splitlines()[0].rstrip(".")
        raise CommandError(f"The worker cannot reach the database: {first_line}.") from error
    if row is None or row[0] != role.value:
        raise CommandError(POOLED.format(role=role.value))
    return parameters


def _runner(declared: Job) -> Any:
    def run(
        context: job_context.JobContext,
        arguments: dict[str, Any] | None = None,
        cause: dict[str, str] | None = None,
        timestamp: int | None = None,
    ) -> None:
        number = context.job.id
        assert number is not None  # noqa: S101  (a fetched job has one)
        run_job(
            declared,
            number=number,
            attempt=context.job.attempts + 1,
            arguments=arguments or {},
            cause=cause or {},
        )

    return run
