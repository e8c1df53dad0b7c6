"""The simulator sends its messages: signed as by a provider, into the inbox as through its address."""

from datetime import datetime

from billing.models.simulated_charge import SimulatedEvent
from billing.providers.secrets import secrets_of
from billing.providers.signatures import signed_header
from billing.providers.simulator import SIGNATURE_HEADER
from billing.providers.simulator_messages import message_happened
from billing.services.provider_events import provider_event_receive
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role


def simulated_messages_send() -> datetime | None:
    """Send what is due, one transaction each; returns when the next one is due, None where nothing more is to come.

    Raises SecretMissing where an account of the simulator has no secret.
    """
    while True:
        with acting(Role.WORKER):
            event = (
                SimulatedEvent.objects.due()
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("charge__provider_account")
                .first()
            )
            if event is None:
                waiting = SimulatedEvent.objects.filter(sent_at__isnull=True).order_by("due_at")
                return waiting.values_list("due_at", flat=True).first()
            _send(event)


def _send(event: SimulatedEvent) -> None:
    now, account, body = database_now(), event.charge.provider_account, bytes(event.body)
    event.sent_at = now
    event.save(update_fields=["sent_at"])
    message_happened(event)
    header = signed_header(secrets_of([*account.webhook_secrets]), body, now)
    provider_event_receive(account=account, body=body, headers={SIGNATURE_HEADER: header})
