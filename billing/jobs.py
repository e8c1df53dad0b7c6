"""Background work of billing."""

from uuid import UUID

from billing.services.provider_call_runs import provider_call_run
from billing.services.provider_event_runs import provider_event_run
from core.db.context import acting
from core.db.roles import Role
from core.jobs.job import job


@job(atomic=False)
def provider_call_make(call_id: UUID) -> None:
    """Call a provider, or ask what became of an earlier call; may be run twice, or by two."""
    again_at = provider_call_run(call_id=call_id)
    with acting(Role.WORKER):
        if again_at is not None:
            provider_call_make.enqueue(call_id=call_id, key=str(call_id), run_at=again_at)
        simulated_messages_deliver.enqueue(key="simulator")


@job(atomic=False)
def provider_event_process(event_id: UUID) -> None:
    """Take down what a message reports; a second run finds it done."""
    provider_event_run(event_id=event_id)


@job(atomic=False)
def simulated_messages_deliver() -> None:
    """Send what the simulator has to say by now; the next time is when it has more to say."""
    # What it sends is received, and received messages are given to a job of this module.
    from billing.services.simulated_messages import simulated_messages_send

    again_at = simulated_messages_send()
    if again_at is not None:
        with acting(Role.WORKER):
            simulated_messages_deliver.enqueue(key="simulator", run_at=again_at)


@job(atomic=False)
def payout_batch_send(batch_id: UUID) -> None:
    """Send the payouts of an approved batch; a second run goes on where the first one ended."""
    # Sending requests calls, and whoever requests a call enqueues a job of this module.
    from billing.services.payout_sending import payout_batch_run

    payout_batch_run(batch_id=batch_id)


@job(atomic=False)
def subscription_settle_unpaid(subscription_id: UUID) -> None:
    """Draw the consequences of a charge that was declined; a second run finds them drawn."""
    from billing.services.dunning import unpaid_settle

    unpaid_settle(subscription_id=subscription_id)
