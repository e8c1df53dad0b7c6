"""Background work of engagement."""

from uuid import UUID

from core.db.context import acting
from core.db.roles import Role
from core.jobs.job import job
from core.jobs.retries import Backoff
from engagement.scanning.port import configured_scanner
from engagement.services.attachment_scans import attachment_scan_run
from engagement.services.deliveries import AT_ONCE, deliveries_send
from engagement.services.digests import digests_send
from engagement.services.notification_spreading import notification_event_spread as spread

ROUNDS = 20
"""Batches of deliveries that one job sends before it makes room for others."""


@job(atomic=False, retry=Backoff(attempts=12, first=30))
def attachment_scan(attachment_id: UUID) -> None:
    """Look at the file of an attachment; a second run finds it done. Without a scanner it is tried again."""
    attachment_scan_run(attachment_id=attachment_id, scanner=configured_scanner())


@job()
def notification_event_spread(event_id: UUID) -> None:
    """Tell the next batch of those whom an event concerns; the next one is a job of its own."""
    if spread(event_id=event_id):
        notification_event_spread.enqueue(event_id=event_id)


@job(atomic=False)
def deliveries_make() -> None:
    """Send what is due; may be run twice, or by two, who take up different ones."""
    for _ in range(ROUNDS):
        if deliveries_send() < AT_ONCE:
            return
    with acting(Role.WORKER):
        deliveries_make.enqueue(key="deliveries")


@job(atomic=False)
def digests_make() -> None:
    """Send the digests that are due."""
    while digests_send():
        continue
