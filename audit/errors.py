"""What the services of this app refuse."""

from core.errors import Refused


class ActorMismatch(Refused):
    """Somebody announces in the name of another person than the one who acts."""

    code = "actor_mismatch"


class RunEnded(Refused):
    """The run of this job has ended before, or never began."""

    code = "run_ended"
