"""What may be refused about jobs."""

from core.errors import Refused


class JobUnknown(Refused):
    """There is no such job, or none in this release."""

    code = "job_unknown"


class JobNotFailed(Refused):
    """Only a dead letter is run again."""

    code = "job_not_failed"


class JobNotWaiting(Refused):
    """Only what waits or has failed can be given up."""

    code = "job_not_waiting"


class SameWorkWaits(Refused):
    """The same work stands in the queue already."""

    code = "same_work_waits"


class BadArguments(Refused):
    """A job takes ids and other small values, under the names of its parameters."""

    code = "bad_arguments"
