"""Background work of accounts."""

from uuid import UUID

from accounts.channels import channel_of
from accounts.services.verifications import VerificationRefused, verification_code_make
from core.db.context import acting
from core.db.roles import Role
from core.jobs.job import job


@job(atomic=False)
def contact_code_send(verification_id: UUID) -> None:
    """Make a code and send it. Run twice it sends another code, and the first counts no more.

    Raises VerificationRefused where no channel is set up, and whatever the channel raises.
    """
    with acting(Role.WORKER):
        delivery = verification_code_make(verification_id=verification_id)
    if delivery is None:
        return
    channel = channel_of(delivery.kind)
    if channel is None:
        raise VerificationRefused(f"CONTACT_CHANNELS names no way to send a code by {delivery.kind.value}.")
    # Outside of any transaction: the digest is committed before the code can arrive.
    channel(delivery)
