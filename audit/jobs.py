"""Background work of oversight."""

from uuid import UUID

from audit.services.bulk_runs import bulk_job_run, bulk_job_unwind
from audit.services.subject_request_runs import subject_request_run
from audit.services.trail_verifications import trail_verification_run
from core.jobs.job import job


@job(atomic=False)
def bulk_job_carry_out(bulk_job_id: UUID) -> None:
    """Decide the cases of a bulk job that have no outcome yet, one transaction each; may be run twice, or by two."""
    bulk_job_run(bulk_job_id=bulk_job_id)


@job(atomic=False)
def bulk_job_take_back(bulk_job_id: UUID) -> None:
    """Undo the decisions of a bulk job that still stand, one transaction each; may be run twice, or by two."""
    bulk_job_unwind(bulk_job_id=bulk_job_id)


@job(atomic=False)
def trail_verification_carry_out(verification_id: UUID) -> None:
    """Verify the trail, and write down the outcome; a verification that has ended is not made again."""
    trail_verification_run(verification_id=verification_id)


@job(atomic=False)
def subject_request_carry_out(request_id: UUID) -> None:
    """Carry out what is left of a subject request; may be run twice, or by two."""
    subject_request_run(request_id=request_id)
