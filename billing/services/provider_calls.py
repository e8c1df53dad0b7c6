"""Calls to payment providers, as they are requested; jobs make them (`billing.services.provider_call_runs`)."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import provider_call_asked_again
from billing.errors import CallRefused
from billing.jobs import provider_call_make
from billing.models.provider_call import ProviderCall
from billing.provider_choices import CallSubject, ProviderCallStatus, ProviderOperation
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role


@transaction.atomic
def provider_call_request(
    *,
    operation: ProviderOperation,
    provider_account_id: UUID,
    subject_type: CallSubject,
    subject_id: UUID,
    idempotency_key: str,
    actor: User | None,
    amount: int | None = None,
    currency: str | None = None,
    reference: str = "",
    captures: bool = True,
) -> ProviderCall:
    """Have a provider called after this transaction. The same request again returns the call that is there.

    `reference` is the provider's name of the payment on which it works; `captures` says whether an authorisation takes
    the money at once. Acts as the worker. Raises: CallRefused (the key belongs to another request, an impossible
    amount, a missing reference).
    """
    asked = {
        "operation": operation,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "amount": amount,
        "currency_id": currency,
        "reference": reference,
        "captures": captures,
    }
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        with refused_as(CallRefused):
            call, is_new = ProviderCall.objects.get_or_create(
                provider_account_id=provider_account_id,
                idempotency_key=idempotency_key,
                defaults={**asked, "status": ProviderCallStatus.WAITING, "next_try_at": database_now()},
            )
        if any(getattr(call, name) != value for name, value in asked.items()):
            raise CallRefused("This key belongs to another request. Use a new one for a new request.")
        if is_new:
            provider_call_make.enqueue(call_id=call.pk, key=str(call.pk))
    return call


@transaction.atomic
def provider_call_ask_again(*, provider_call_id: UUID, actor: User, reason: str) -> ProviderCall:
    """Ask the provider once more what became of a call that was given up.

    Locks: the call. Raises: IllegalTransition, NotThere. Announces: `provider_call_asked_again`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        call = locked(ProviderCall, provider_call_id)
        if call.status != ProviderCallStatus.GIVEN_UP:
            raise CallRefused(
                "Only a call that was given up is asked about by hand; the others are by themselves."
            )
        call.status, call.next_try_at = ProviderCallStatus.UNKNOWN, database_now()
        call.save(update_fields=["status", "next_try_at"])
        provider_call_make.enqueue(call_id=call.pk, key=str(call.pk))
    provider_call_asked_again.send(
        sender=ProviderCall, actor=actor, subject=call, reason=reason, changed=("status",)
    )
    return call
