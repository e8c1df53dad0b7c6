"""A worker process: serves its queues, defers the schedule, and finds the jobs of workers that died."""

import asyncio
import os
import signal
from dataclasses import dataclass

import structlog
from django.core.management.base import CommandError
from procrastinate import App, exceptions

from core.db.roles import Role
from core.jobs.queue import worker_app

LOSSES_AT_MOST = 3
"""A job whose worker vanished so often is what kills it: it becomes a dead letter."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Service:
    """What a worker process does, and how long it waits for what; times in seconds.

    `once`: end when nothing waits. `parent`: end when the process of this number, which started it, has gone.
    """

    role: Role
    queues: tuple[str, ...]
    concurrency: int = 2
    heartbeat: float = 10
    stalled: float = 30
    polling: float = 5
    once: bool = False
    parent: int | None = None


def serve(service: Service) -> None:
    """Work until SIGTERM or SIGINT; jobs that run then are ended first.

    Raises CommandError when the database cannot be used by a worker, or is lost; whoever supervises it starts it again.
    """
    app = worker_app(role=service.role, queues=service.queues, connections=service.concurrency + 2)
    try:
        asyncio.run(_serve(app, service))
    except exceptions.ConnectorException as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0].rstrip(".")
        raise CommandError(f"The worker lost the database: {reason}. Start it again.") from error


async def _serve(app: App, service: Service) -> None:
    async with app.open_async():
        await _recover(app, service)
        side = asyncio.create_task(_watch(app, service))
        logger.info("worker begins", queues=service.queues, role=service.role.short)
        try:
            await app.run_worker_async(
                queues=list(service.queues),  # a tuple would be a row to psycopg
                name=service.role.short,
                concurrency=service.concurrency,
                wait=not service.once,
                fetch_job_polling_interval=service.polling,
                update_heartbeat_interval=service.heartbeat,
                stalled_worker_timeout=service.stalled,
            )
        finally:
            side.cancel()
            logger.info("worker ends", queues=service.queues, role=service.role.short)


async def _watch(app: App, service: Service) -> None:
    while True:
        await asyncio.sleep(min(service.stalled / 2, 5))
        if service.parent not in (None, os.getppid()):
            logger.info("the process that started this worker has gone")
            os.kill(os.getpid(), signal.SIGTERM)
            return
        try:
            await _recover(app, service)
        except exceptions.ConnectorException as error:
            logger.warning(
                "jobs of dead workers could not be looked for", error=type(error.__cause__).__name__
            )


async def _recover(app: App, service: Service) -> None:
    """Find the jobs of workers that gave no sign of life."""
    found = await app.connector.execute_query_all_async(
        "SELECT number, name, outcome FROM job_recover(%(stalled)s, %(losses)s)",
        stalled=service.stalled,
        losses=LOSSES_AT_MOST,
    )
    for row in found:
        logger.warning(
            "a worker vanished during a job", job=row["number"], job_name=row["name"], outcome=row["outcome"]
        )
