"""Prices: set for a place and a time, ended, and found."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from billing.announcements import price_ended, price_set_to, price_withdrawn
from billing.catalogue_choices import TaxBehaviour
from billing.errors import MoneyRefused, PriceGap, PriceRefused
from billing.models import Price, PriceRegion, PriceTier, Product
from billing.models.currency import LARGEST_AMOUNT
from billing.models.price import EVERYWHERE
from billing.money import amount_check
from billing.places import country_check
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as

MOST_AT_ONCE = 10**6
"""So many of one product in one order are the most."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Up to so many (None: without an end), each costs `amount` minor units."""

    up_to: int | None
    amount: int


@transaction.atomic
def price_set(
    *,
    product_id: UUID,
    currency: str,
    amount: int,
    tax_behaviour: TaxBehaviour | str,
    actor: User | None,
    reason: str,
    country: str = EVERYWHERE,
    region: str = "",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    tiers: Sequence[Tier] = (),
    replaces: bool = False,
) -> Price:
    """Set what a product costs in a country, in a region (by its code) or, with neither, everywhere.

    `amount` in minor units; with `tiers`, the first one's. From `since` (UTC; None: now) until `until` (None: until
    ended). With `replaces`, the price that holds at `since` in the same place and currency ends then. Somebody who acts
    sets prices for the future only; the system (`actor` None) brings in old ones, too.

    Locks: the price that is replaced. Raises: PriceRefused (also for an overlap), MoneyRefused. Announces: `price_set`,
    and `price_ended` of what it replaces.
    """
    amount_check(amount, currency)
    _code(product_id)
    if country != EVERYWHERE:
        country_check(country, PriceRefused)
    now = database_now()
    start = since or now
    if actor is not None and start < now:
        raise PriceRefused("A price begins now or later: what was bought before was bought at another one.")
    price = Price(
        product_id=product_id,
        country=country,
        region=_region(region),
        currency_id=currency,
        amount=amount,
        tax_behaviour=tax_behaviour,
        valid=DateTimeTZRange(start, until, "[)"),
    )
    if replaces:
        _make_room(price, start, actor, reason)
    price._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PriceRefused):
        price.save(force_insert=True)
        PriceTier.objects.bulk_create(
            PriceTier(price=price, position=position, up_to=tier.up_to, amount=tier.amount)
            for position, tier in enumerate(tiers, start=1)
        )
    price_set_to.send(
        sender=Price,
        actor=actor,
        subject=price,
        reason=reason,
        detail={"amount": amount, "currency": currency, "place": country or region or "everywhere"},
    )
    return price


@transaction.atomic
def price_end(
    *,
    price_id: UUID,
    actor: User | None,
    reason: str,
    at: dt.datetime | None = None,
    expected_version: int | None = None,
) -> Price:
    """Let a price end at `at` (UTC; None: now), which is not before now where it was sold.

    Locks: the price. Raises: PriceRefused (it ended before, or would end before it begins), NotThere, StaleVersion.
    Announces: `price_ended`.
    """
    price = locked(Price, price_id, expected_version=expected_version)
    now = database_now()
    if price.valid.upper is not None and price.valid.upper <= now:
        raise PriceRefused(f"This price ended on {price.valid.upper:%d %B %Y, %H:%M} UTC.")
    end = at or now
    if end < now and actor is not None:
        raise PriceRefused("A price ends now or later.")
    if end <= price.valid.lower:
        raise PriceRefused("This price has not begun by then: delete it instead.")
    _end(price, end, actor, reason)
    return price


@transaction.atomic
def price_withdraw(*, price_id: UUID, actor: User, reason: str, expected_version: int | None = None) -> None:
    """Delete a price that nobody bought at, with its tiers; its history stays.

    Locks: the price. Raises: PriceRefused (it was sold), NotThere, StaleVersion. Announces: `price_withdrawn`.
    """
    price = locked(Price, price_id, expected_version=expected_version)
    if price.first_sold_at is not None:
        raise PriceRefused("This price was sold: it can end, and is never deleted.")
    price_withdrawn.send(sender=Price, actor=actor, subject=price, reason=reason)
    price._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PriceRefused):
        price.tiers.all().delete()
        price.delete()


def price_for(
    product: Product | UUID, country: str, at: dt.datetime, *, currency: str | None = None
) -> Price:
    """The price of a product for a buyer in `country` at `at`: the country's, else its region's, else everywhere's.

    The nearest place decides, and its currencies are those in which is sold there; where it has several, `currency`
    says which. One query, and a second one to say what is missing. Raises PriceGap where no price holds, or none in
    that currency, or several and no currency was named; PriceRefused for a country that does not exist.
    """
    country_check(country, PriceRefused)
    product_id = product.pk if isinstance(product, Product) else product
    found = list(Price.objects.reaching(product_id, country, at).select_related("product"))
    nearest = min((_distance(price) for price in found), default=None)
    here = [price for price in found if _distance(price) == nearest]
    fitting = [price for price in here if currency in (None, price.currency_id)]
    if len(fitting) == 1:
        return fitting[0]
    name = here[0].product.code if here else _code(product_id)
    sold_in = " and ".join(sorted(price.currency_id for price in here))
    when = f"in {country} on {at:%d %B %Y, %H:%M} UTC"
    if not here:
        raise PriceGap(f"{name} has no price {when}. Finance can set one, for the country or for everywhere.")
    if currency is None:
        raise PriceGap(f"{name} is sold in {sold_in} {when}: say in which currency.")
    raise PriceGap(f"{name} is not sold in {currency[:10]} {when}, but in {sold_in}.")


def graduated(tiers: Sequence[Tier], quantity: int) -> int:
    """What `quantity` cost when each costs what its tier says, in minor units. `tiers` rise, the last has no end."""
    total, before = 0, 0
    for tier in tiers:
        within = quantity if tier.up_to is None else min(quantity, tier.up_to)
        total += max(within - before, 0) * tier.amount
        before = within
    return total


def price_total(price: Price, quantity: int = 1) -> int:
    """What `quantity` cost at this price, tiers included, in minor units; one query.

    Raises PriceRefused for a number that nobody orders, MoneyRefused for a total beyond 10^15.
    """
    if type(quantity) is not int or not 1 <= quantity <= MOST_AT_ONCE:
        raise PriceRefused(f"An order is for 1 to {MOST_AT_ONCE:,} of a product.")
    tiers = [Tier(tier.up_to, tier.amount) for tier in price.tiers.order_by("position")]
    total = graduated(tiers, quantity) if tiers else price.amount * quantity
    if total > LARGEST_AMOUNT:
        raise MoneyRefused("This order is larger than anybody pays.")
    return total


def _distance(price: Price) -> int:
    """0: the country's own price, 1: the region's, 2: everywhere's."""
    return 0 if price.country != EVERYWHERE else 1 if price.region_id is not None else 2


def _code(product_id: UUID) -> str:
    found = Product.objects.filter(pk=product_id).values_list("code", flat=True).first()
    if found is None:
        raise PriceRefused("There is no such product.")
    return str(found)


def _region(code: str) -> PriceRegion | None:
    if not code:
        return None
    found = PriceRegion.objects.filter(code=code).first()
    if found is None:
        raise PriceRefused(f"There is no price region {code[:20]!r}.")
    return found


def _make_room(price: Price, start: dt.datetime, actor: User | None, reason: str) -> None:
    """End what holds at `start` in the same place and currency."""
    before = (
        Price.objects.select_for_update()
        .at(start)
        .filter(
            product_id=price.product_id,
            country=price.country,
            region_id=price.region_id,
            currency_id=price.currency_id,
            valid__startswith__lt=start,
        )
        .first()
    )
    if before is not None:
        _end(before, start, actor, reason)


def _end(price: Price, end: dt.datetime, actor: User | None, reason: str) -> None:
    price.end(end)
    price._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PriceRefused):
        price.save(update_fields=["valid"])
    price_ended.send(sender=Price, actor=actor, subject=price, reason=reason, changed=("valid",))
