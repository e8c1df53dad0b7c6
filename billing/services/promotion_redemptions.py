"""Uses of promotion codes: reserved when an order is made, applied when it is paid, released when it is not.

The counting is the trigger's (`billing.promotion_triggers.CountsUses`). Nothing is announced: the row is the record.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.catalogue_choices import RedemptionStatus
from billing.errors import CodeUnknown, PromotionRefused
from billing.models import PromotionCode, PromotionRedemption
from billing.money import Money, amount_check
from billing.promotion_terms import promotion_gives
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.db.roles import Role

KEPT = dt.timedelta(minutes=30)
"""For so long a use is kept for an order that is not paid; longer than buyers take for their bank's confirmation."""


@transaction.atomic
def promotion_redemption_reserve(
    *,
    code: str,
    user_id: UUID,
    order_id: UUID,
    purchase: Money,
    product_id: UUID,
    actor: User | None,
    kept: dt.timedelta = KEPT,
) -> PromotionRedemption:
    """Reserve the use of a code, in whatever letter case, for an order; what it gives stands on the row.

    `purchase` is what the order costs before. Asked again for the same order, the same reservation comes back. Locks:
    the promotion and its code, by trigger. Raises: CodeUnknown, PromotionRefused (over, used up, not for this product
    or currency, or reserved for the same order with another result), MoneyRefused.
    """
    amount_check(purchase.amount, purchase.currency)
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        found = PromotionCode.objects.called(code).select_related("promotion").first()
        if found is None:
            raise CodeUnknown(f"There is no promotion code {code.strip()[:40]!r}.")
        promotion = found.promotion
        if promotion.product_id not in (None, product_id):
            raise PromotionRefused("This promotion is for another product.")
        gives = promotion_gives(promotion, purchase)
        wanted = PromotionRedemption(
            code=found,
            user_id=user_id,
            order_id=order_id,
            discount=gives.discount,
            bonus_tokens=gives.bonus_tokens,
            currency_id=purchase.currency if gives.discount else None,
            reserved_until=database_now() + kept,
        )
        before = _live(found, user_id, order_id)
        if before is None:
            with refused_as(PromotionRefused):
                wanted.save(force_insert=True)
            return wanted
        if (before.discount, before.bonus_tokens, before.currency_id) != (
            wanted.discount,
            wanted.bonus_tokens,
            wanted.currency_id,
        ):
            raise PromotionRefused(
                "This code is used for this order already, with another result: release it first."
            )
        return before


@transaction.atomic
def promotion_redemption_apply(*, redemption_id: UUID, actor: User | None) -> PromotionRedemption:
    """The order was paid: the use counts for good. Does nothing where it was applied before.

    A reservation whose time is over can be applied as long as it was not released. Locks: the redemption. Raises:
    IllegalTransition (it was released), NotThere.
    """
    return _move(redemption_id, RedemptionStatus.APPLIED, actor)


@transaction.atomic
def promotion_redemption_release(*, redemption_id: UUID, actor: User | None) -> PromotionRedemption:
    """The order came to nothing: somebody else may have the use. Does nothing where it was released before.

    Locks: the redemption, then by trigger the promotion and its code. Raises: IllegalTransition (it was applied),
    NotThere.
    """
    return _move(redemption_id, RedemptionStatus.RELEASED, actor)


@transaction.atomic
def promotion_redemptions_expire(*, batch: int = 500) -> int:
    """Release reservations whose time is over, the longest first; returns how many.

    Runs as the worker. What somebody else holds a lock on is left for the next run. Locks: the redemptions, then by
    trigger their promotions and codes.
    """
    over = (
        PromotionRedemption.objects.run_out(database_now())
        .select_related("code")
        .select_for_update(skip_locked=True, of=("self",))[:batch]
    )
    # Promotions are locked in the order of their keys, so that two workers never wait for one another.
    for redemption in sorted(over, key=lambda row: (row.code.promotion_id, row.code_id)):
        redemption.status = RedemptionStatus.RELEASED
        redemption.save(update_fields=["status"])
    return len(over)


def _live(code: PromotionCode, user_id: UUID, order_id: UUID) -> PromotionRedemption | None:
    found: PromotionRedemption | None = (
        PromotionRedemption.objects.live().filter(code=code, user_id=user_id, order_id=order_id).first()
    )
    return found


def _move(redemption_id: UUID, status: RedemptionStatus, actor: User | None) -> PromotionRedemption:
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        redemption = PromotionRedemption.objects.select_for_update().filter(pk=redemption_id).first()
        if redemption is None:
            raise NotThere("There is no such use of a promotion code.")
        if redemption.status != status:
            PromotionRedemption.machine.check(redemption.status, status)
            redemption.status = status
            redemption.save(update_fields=["status"])
        return redemption
