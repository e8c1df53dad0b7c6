"""Background work of engagement."""

from uuid import UUID

from core.jobs.job import job
from core.jobs.retries import Backoff
from engagement.scanning.port import configured_scanner
from engagement.services.attachment_scans import attachment_scan_run


@job(atomic=False, retry=Backoff(attempts=12, first=30))
def attachment_scan(attachment_id: UUID) -> None:
    """Look at the file of an attachment; a second run finds it done. Without a scanner it is tried again."""
    attachment_scan_run(attachment_id=attachment_id, scanner=configured_scanner())
