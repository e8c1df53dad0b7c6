"""Products: what is sold is added, renamed, offered and withdrawn; never deleted."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import gift_repriced, product_added, product_changed
from billing.catalogue_choices import ProductKind
from billing.errors import ProductRefused
from billing.models import GiftItem, Product, TokenPack
from core.db.locking import locked
from core.db.refusals import refused_as

WITH_DETAILS = {ProductKind.TOKEN_PACK: "token_pack_add", ProductKind.GIFT: "gift_add"}


@transaction.atomic
def product_add(
    *,
    code: str,
    kind: ProductKind | str,
    name: str,
    actor: User | None,
    description: str = "",
    reason: str = "",
) -> Product:
    """Add a product of a kind that has no details of its own: a subscription, a pay-per-view ticket.

    Raises: ProductRefused. Announces: `product_added`.
    """
    if kind in WITH_DETAILS:
        raise ProductRefused(
            f"A {ProductKind(kind).label.lower()} needs more: use {WITH_DETAILS[ProductKind(kind)]}."
        )
    return _add(code, kind, name, description, actor, reason)


@transaction.atomic
def token_pack_add(
    *,
    code: str,
    name: str,
    paid: int,
    bonus: int,
    actor: User | None,
    description: str = "",
    reason: str = "",
) -> Product:
    """Add a pack of tokens: `paid` are paid for, `bonus` come on top at the platform's cost.

    Raises: ProductRefused. Announces: `product_added`.
    """
    product = _add(code, ProductKind.TOKEN_PACK, name, description, actor, reason)
    with refused_as(ProductRefused):
        TokenPack(product=product, paid=paid, bonus=bonus).save(force_insert=True)
    return product


@transaction.atomic
def gift_add(
    *, code: str, name: str, tokens: int, actor: User | None, description: str = "", reason: str = ""
) -> Product:
    """Add a gift that costs `tokens`. Raises: ProductRefused. Announces: `product_added`."""
    product = _add(code, ProductKind.GIFT, name, description, actor, reason)
    with refused_as(ProductRefused):
        GiftItem(product=product, tokens=tokens).save(force_insert=True)
    return product


@transaction.atomic
def product_change(
    *,
    product_id: UUID,
    name: str,
    description: str,
    is_offered: bool,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> Product:
    """Rename a product, describe it anew, offer or withdraw it. What was ordered before is not touched.

    Locks: the product. Raises: ProductRefused, NotThere, StaleVersion. Announces: `product_changed`.
    """
    product = locked(Product, product_id, expected_version=expected_version)
    product.name, product.description, product.is_offered = name.strip(), description.strip(), is_offered
    columns = ("name", "description", "is_offered")
    product._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(ProductRefused):
        product.save(update_fields=columns)
    product_changed.send(sender=Product, actor=actor, subject=product, reason=reason, changed=columns)
    return product


@transaction.atomic
def gift_price_set(
    *, gift_item_id: UUID, tokens: int, actor: User, reason: str, expected_version: int | None = None
) -> GiftItem:
    """Change what a gift costs from now on; what was sent keeps what it cost.

    Locks: the gift. Raises: ProductRefused, NotThere, StaleVersion. Announces: `gift_repriced`.
    """
    gift = locked(GiftItem, gift_item_id, expected_version=expected_version)
    before, gift.tokens = gift.tokens, tokens
    gift._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(ProductRefused):
        gift.save(update_fields=["tokens"])
    gift_repriced.send(
        sender=GiftItem,
        actor=actor,
        subject=gift,
        reason=reason,
        changed=("tokens",),
        detail={"before": before, "after": tokens},
    )
    return gift


def _add(
    code: str, kind: ProductKind | str, name: str, description: str, actor: User | None, reason: str
) -> Product:
    product = Product(code=code.strip(), kind=kind, name=name.strip(), description=description.strip())
    product._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(ProductRefused):
        product.save(force_insert=True)
    product_added.send(
        sender=Product, actor=actor, subject=product, reason=reason, detail={"kind": str(kind)}
    )
    return product
