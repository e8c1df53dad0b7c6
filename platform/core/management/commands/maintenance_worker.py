"""Serves the queue of work that only the owner of the tables can do."""

from core.db.roles import Role
from core.jobs.job import MAINTENANCE
from core.management.commands import worker


class Command(worker.Command):
    """Connects as `vbl_owner`. One is enough; a second one stands by."""

    help = "Run the maintenance of the database, and put what the schedule says of it into its queue."
    role = Role.OWNER
    queues = (MAINTENANCE,)
