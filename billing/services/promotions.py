"""Promotions and their codes: made, changed and ended by staff."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from billing.announcements import (
    promotion_changed,
    promotion_code_added,
    promotion_code_changed,
    promotion_created,
    promotion_ended,
)
from billing.catalogue_choices import PromotionKind
from billing.errors import PromotionRefused
from billing.models import Product, Promotion, PromotionCode
from billing.money import exponent_of
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as

VALUE = {
    PromotionKind.PERCENTAGE: "basis_points",
    PromotionKind.AMOUNT_OFF: "amount_off",
    PromotionKind.BONUS_TOKENS: "bonus_tokens",
}


@transaction.atomic
def promotion_create(
    *,
    name: str,
    kind: PromotionKind | str,
    value: int,
    actor: User | None,
    reason: str,
    currency: str | None = None,
    product_id: UUID | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    limit_total: int | None = None,
    limit_per_user: int | None = None,
    budget: int | None = None,
) -> Promotion:
    """Make a promotion. `value`: basis points, minor units of `currency`, or tokens, as its kind says.

    Raises: PromotionRefused, MoneyRefused (no such currency). Announces: `promotion_created`.
    """
    if currency is not None:
        exponent_of(currency)
    if product_id is not None and not Product.objects.filter(pk=product_id).exists():
        raise PromotionRefused("There is no such product.")
    promotion = Promotion(
        name=name.strip(),
        kind=PromotionKind(kind),
        currency_id=currency,
        product_id=product_id,
        limit_total=limit_total,
        limit_per_user=limit_per_user,
        budget=budget,
        valid=DateTimeTZRange(since or database_now(), until, "[)"),
        **{VALUE[PromotionKind(kind)]: value},
    )
    promotion._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PromotionRefused):
        promotion.save(force_insert=True)
    promotion_created.send(
        sender=Promotion, actor=actor, subject=promotion, reason=reason, detail={"value": value}
    )
    return promotion


@transaction.atomic
def promotion_change(
    *,
    promotion_id: UUID,
    name: str,
    limit_total: int | None,
    limit_per_user: int | None,
    budget: int | None,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> Promotion:
    """Rename a promotion, or give it other limits, which are never below what was used. What it gives stays.

    Locks: the promotion. Raises: PromotionRefused, NotThere, StaleVersion. Announces: `promotion_changed`.
    """
    promotion = locked(Promotion, promotion_id, expected_version=expected_version)
    promotion.name, promotion.limit_total = name.strip(), limit_total
    promotion.limit_per_user, promotion.budget = limit_per_user, budget
    columns = ("name", "limit_total", "limit_per_user", "budget")
    promotion._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PromotionRefused):
        promotion.save(update_fields=columns)
    promotion_changed.send(sender=Promotion, actor=actor, subject=promotion, reason=reason, changed=columns)
    return promotion


@transaction.atomic
def promotion_end(
    *,
    promotion_id: UUID,
    actor: User,
    reason: str,
    at: dt.datetime | None = None,
    expected_version: int | None = None,
) -> Promotion:
    """Let a promotion end at `at` (UTC; None: now). What is reserved by then can still be applied.

    Locks: the promotion. Raises: PromotionRefused, NotThere, StaleVersion. Announces: `promotion_ended`.
    """
    promotion = locked(Promotion, promotion_id, expected_version=expected_version)
    now = database_now()
    end = at or now
    if promotion.valid.upper is not None and promotion.valid.upper <= now:
        raise PromotionRefused(f"This promotion ended on {promotion.valid.upper:%d %B %Y, %H:%M} UTC.")
    if end < now:
        raise PromotionRefused("A promotion ends now or later.")
    promotion.end(max(end, promotion.valid.lower + dt.timedelta(microseconds=1)))
    promotion._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PromotionRefused):
        promotion.save(update_fields=["valid"])
    promotion_ended.send(sender=Promotion, actor=actor, subject=promotion, reason=reason, changed=("valid",))
    return promotion


@transaction.atomic
def promotion_code_add(
    *, promotion_id: UUID, code: str, actor: User | None, reason: str, limit: int | None = None
) -> PromotionCode:
    """Give a promotion a code, unique whatever the letter case; `limit`: how often this one may be used.

    Raises: PromotionRefused. Announces: `promotion_code_added`.
    """
    if not Promotion.objects.filter(pk=promotion_id).exists():
        raise PromotionRefused("There is no such promotion.")
    row = PromotionCode(promotion_id=promotion_id, code=code.strip(), limit_total=limit)
    row._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PromotionRefused):
        row.save(force_insert=True)
    promotion_code_added.send(sender=PromotionCode, actor=actor, subject=row, reason=reason)
    return row


@transaction.atomic
def promotion_code_change(
    *,
    promotion_code_id: UUID,
    limit: int | None,
    is_active: bool,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> PromotionCode:
    """Change how often a code may be used, or switch it off: a code that leaked.

    Locks: the code. Raises: PromotionRefused, NotThere, StaleVersion. Announces: `promotion_code_changed`.
    """
    code = locked(PromotionCode, promotion_code_id, expected_version=expected_version)
    code.limit_total, code.is_active = limit, is_active
    columns = ("limit_total", "is_active")
    code._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PromotionRefused):
        code.save(update_fields=columns)
    promotion_code_changed.send(
        sender=PromotionCode, actor=actor, subject=code, reason=reason, changed=columns
    )
    return code
