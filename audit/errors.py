"""What the services of this app refuse."""

from core.errors import Refused


class ActorMismatch(Refused):
    """Somebody announces in the name of another person than the one who acts."""

    code = "actor_mismatch"


class RunEnded(Refused):
    """The run of this job has ended before, or never began."""

    code = "run_ended"


class NotTheKey(Refused):
    """The key that would sign is not the one that signed before under its number."""

    code = "not_the_key"


class SealingElsewhere(Refused):
    """Another process is sealing at this moment."""

    code = "sealing_elsewhere"


class AnotherCluster(Refused):
    """The trail was restored: transaction numbers of this cluster say nothing about its seals."""

    code = "another_cluster"


class SameCluster(Refused):
    """The trail lives where it was sealed last; there is nothing to rebase."""

    code = "same_cluster"


class NeverSealed(Refused):
    """There is no seal yet."""

    code = "never_sealed"


class HeadMalformed(Refused):
    """A file holds no head as `audit_head` prints it."""

    code = "head_malformed"


class HoldRefused(Refused):
    """The hold cannot be placed, prolonged or released like this."""

    code = "hold_refused"


class RetentionRefused(Refused):
    """The policy of retention cannot be changed or obeyed like this."""

    code = "retention_refused"


class BulkRefused(Refused):
    """The bulk job has no cases or too many, contradicts itself, or is not at the point that this needs."""

    code = "bulk_refused"


class LadderRefused(Refused):
    """The step of the ladder of strikes breaks a rule."""

    code = "ladder_refused"


class TransparencyRefused(Refused):
    """A transparency report or a hand-over of statements that cannot be made as it was asked for."""

    code = "transparency_refused"


class EventNotFound(Refused):
    """The trail has no event with this id."""

    code = "event_not_found"


class NotProvable(Refused):
    """What the trail holds does not prove this event, now or any more."""

    code = "not_provable"


class ProofMalformed(Refused):
    """A file holds no proof of an event."""

    code = "proof_malformed"


class VerificationRefused(Refused):
    """The trail cannot be verified like this."""

    code = "verification_refused"
