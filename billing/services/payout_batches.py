"""Batches of payouts: prepared, submitted with the hash of their content, approved by somebody else, cancelled."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum

from accounts.models import User
from billing.errors import NotCovered, PayoutRefused
from billing.models import (
    Debt,
    Payout,
    PayoutBatch,
    PayoutDestination,
    ProviderAccount,
    TokenValue,
)
from billing.payment_choices import ApprovalKind
from billing.payout_announcements import (
    payout_batch_prepared,
    payout_batch_submitted,
)
from billing.payout_choices import DestinationStatus, PayoutBatchStatus
from billing.services.approval_requests import approval_ask
from billing.services.approvals import approval_decide
from billing.services.debt_locks import debts_lock
from billing.services.journal import entries_post
from billing.services.payout_decisions import batch_cancel, payout_batch_content_hash
from billing.services.payout_preparation import Prepared, Skipped, payout_prepare
from billing.services.staff_limits import Allowance
from billing.services.token_values import token_value_at
from core.db.clock import database_now
from core.db.context import acting, current_role
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import STAFF_ROLES, Role

B = PayoutBatchStatus
MOST_PAYOUTS = 500
"""One batch has no more, so that one person can look at it, and one transaction writes it."""

NOBODY_ALONE = Allowance(None, None, 0)
"""No amount of payouts is approved by whoever asks."""


@transaction.atomic
def payout_batch_build(
    *,
    provider_account_id: UUID,
    currency: str,
    actor: User,
    reason: str,
    performer_ids: Sequence[UUID] | None = None,
    studio_ids: Sequence[UUID] | None = None,
    at: dt.datetime | None = None,
) -> PayoutBatch:
    """Prepare the payouts of everybody who can be paid, or of those named, as of `at` (by default now).

    Whoever was named and cannot be paid is a refusal that says why; nothing is written then. The money goes from the
    earnings into the reserve at once. A batch that is full leaves the others to the next one. Locks: other batches that
    are being prepared, the destinations in the order of their keys, what the payees owe, the earnings accounts.
    Raises: PayoutRefused (nobody can be paid, an instant to come, a closed account, no value of tokens, earnings that
    are being taken back right now), NotThere. Announces: `payout_batch_prepared`.
    """
    now = database_now()
    as_of = at or now
    if as_of > now:
        raise PayoutRefused("Payouts are prepared as of now or of an earlier instant.")
    with acting(Role.WORKER, user_id=actor.pk):
        account = ProviderAccount.objects.filter(pk=provider_account_id).first()
        if account is None:
            raise NotThere("There is no such account with a provider.")
        if account.closed_at is not None:
            raise PayoutRefused("This account with the provider is closed. Choose another one.")
        named = performer_ids is not None or studio_ids is not None
        _one_after_another()
        batch = PayoutBatch(
            provider_account=account, currency_id=currency, as_of=as_of, made_by=actor, reason=reason.strip()
        )
        with refused_as(PayoutRefused):
            batch.save(force_insert=True)
        value = token_value_at(currency, as_of)
        live = _destinations(account, currency, performer_ids, studio_ids)
        if named:
            _all_there(live, performer_ids, studio_ids, currency)
        found = _prepared(live, batch, value)
        skipped = [row for row in found if isinstance(row, Skipped)]
        prepared = [row for row in found if isinstance(row, Prepared)]
        if named and skipped:
            raise PayoutRefused(skipped[0].words)
        if not prepared:
            raise PayoutRefused(f"Nobody can be paid in {currency} through this account now.")
        _total(batch)
        Debt.objects.bulk_create([debt for row in prepared for debt in row.debts])
        try:
            entries_post(entries=[entry for row in prepared for entry in row.entries], actor=actor)
        except NotCovered as error:
            raise PayoutRefused(
                "Some earnings are being taken back right now. Try again in a moment."
            ) from error
    payout_batch_prepared.send(
        sender=PayoutBatch,
        actor=actor,
        subject=batch,
        reason=reason,
        detail={
            "payouts": batch.payout_count,
            "total": batch.total,
            "currency": currency,
            "left_out": len(skipped),
        },
    )
    return batch


def _one_after_another() -> None:
    """Two batches at once would lock what the same people owe, each in its own order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('billing_payoutbatch', 0))")


def _destinations(
    account: ProviderAccount,
    currency: str,
    performer_ids: Sequence[UUID] | None,
    studio_ids: Sequence[UUID] | None,
) -> QuerySet[PayoutDestination]:
    """The destinations of those named, whatever speaks against them; of everybody, those to which may be paid."""
    live = (
        PayoutDestination.objects.masked()
        .exclude(status=DestinationStatus.RETIRED)
        .filter(provider_account=account, currency_id=currency)
    )
    if performer_ids is None and studio_ids is None:
        return live.usable()
    return live.filter(Q(performer_id__in=performer_ids or ()) | Q(studio_id__in=studio_ids or ()))


def _all_there(
    live: QuerySet[PayoutDestination],
    performer_ids: Sequence[UUID] | None,
    studio_ids: Sequence[UUID] | None,
    currency: str,
) -> None:
    named = {*(performer_ids or ()), *(studio_ids or ())}
    if len(named) > MOST_PAYOUTS:
        raise PayoutRefused(f"At most {MOST_PAYOUTS} are paid in one batch. Name fewer.")
    if named - {performer or studio for performer, studio in live.values_list("performer_id", "studio_id")}:
        raise PayoutRefused(f"Somebody named has no destination in {currency} with this provider.")


def _prepared(
    live: QuerySet[PayoutDestination], batch: PayoutBatch, value: TokenValue | None
) -> list[Prepared | Skipped]:
    """Payouts until the batch is full; who cannot be paid takes nobody's place."""
    found: list[Prepared | Skipped] = []
    room, last = MOST_PAYOUTS, None
    while room:
        page = live if last is None else live.filter(pk__gt=last)
        destinations = list(page.select_for_update(of=("self",)).order_by("pk")[:room])
        for destination in destinations:
            debts_lock(destination.payee_id)
            row = payout_prepare(batch=batch, destination=destination, token_value=value)
            found.append(row)
            room -= isinstance(row, Prepared)
        if not destinations:
            break
        last = destinations[-1].pk
    return found


def _total(batch: PayoutBatch) -> None:
    payouts = Payout.objects.filter(batch=batch)
    batch.total = payouts.aggregate(sum=Sum("amount"))["sum"] or 0
    batch.payout_count = payouts.count()
    with refused_as(PayoutRefused):
        batch.save(update_fields=["total", "payout_count"])
    batch.refresh_from_db(fields=["version", "updated_at", "made_by"])


@transaction.atomic
def payout_batch_submit(
    *, payoutbatch_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> PayoutBatch:
    """Freeze the content of a draft by its SHA-256 and ask a second person to approve it.

    Staff ask in the role in which they act. Locks: the batch. Raises: PayoutRefused (staff outside of a staff role),
    IllegalTransition, NotThere, StaleVersion. Announces: `approval_asked`, `payout_batch_submitted`.
    """
    role = current_role()
    if role not in STAFF_ROLES or role is None:
        raise PayoutRefused("Batches are submitted by staff, in a role of staff.")
    with acting(Role.WORKER, user_id=actor.pk):
        batch = locked(PayoutBatch, payoutbatch_id, expected_version=expected_version)
        PayoutBatch.status_machine.check(batch.status, B.SUBMITTED)
        batch.content_hash = payout_batch_content_hash(batch.pk)
        batch.approval = approval_ask(
            kind=ApprovalKind.PAYOUT_BATCH,
            subject=batch,
            amount=batch.total,
            currency=batch.currency_id,
            allowance=NOBODY_ALONE,
            role=role,
            actor=actor,
            reason=reason,
        )
        batch.status, batch.submitted_by, batch.submitted_at = B.SUBMITTED, actor, database_now()
        with refused_as(PayoutRefused):
            batch.save(update_fields=["status", "submitted_by", "submitted_at", "content_hash", "approval"])
        batch.refresh_from_db(fields=["version", "updated_at"])
    payout_batch_submitted.send(
        sender=PayoutBatch,
        actor=actor,
        subject=batch,
        reason=reason,
        changed=("status",),
        detail={"content_sha256": batch.hash_words, "total": batch.total, "currency": batch.currency_id},
    )
    return batch


def payout_batch_approve(
    *, payoutbatch_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> PayoutBatch:
    """Approve a batch that a colleague prepared and submitted; workers send it then. See `approval_decide`."""
    return _decided(payoutbatch_id, True, actor, reason, expected_version)


def payout_batch_refuse(
    *, payoutbatch_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> PayoutBatch:
    """Refuse a batch: its earnings are open again. See `approval_decide`."""
    return _decided(payoutbatch_id, False, actor, reason, expected_version)


@transaction.atomic
def _decided(
    batch_id: UUID, approves: bool, actor: User, reason: str, expected_version: int | None
) -> PayoutBatch:
    with acting(Role.WORKER, user_id=actor.pk):
        batch = locked(PayoutBatch, batch_id, expected_version=expected_version)
        if batch.status != B.SUBMITTED or batch.approval_id is None:
            raise PayoutRefused("Only a batch that was submitted is decided about.")
    approval_decide(approvalrequest_id=batch.approval_id, approves=approves, actor=actor, reason=reason)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def payout_batch_cancel(
    *, payoutbatch_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> PayoutBatch:
    """Cancel a draft: its earnings are open again. What was submitted is refused instead.

    Locks: the batch, its payouts. Raises: PayoutRefused, NotThere, StaleVersion. Announces: `payout_batch_cancelled`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        batch = locked(PayoutBatch, payoutbatch_id, expected_version=expected_version)
        if batch.status != B.DRAFT:
            raise PayoutRefused(
                "Only a draft is cancelled. What waits for an approval is refused by a colleague."
            )
        batch_cancel(batch, actor, reason)
    return batch
