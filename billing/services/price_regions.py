"""Regions of prices: which countries share them. A country belongs to one region at most."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import price_region_changed
from billing.errors import PriceRefused
from billing.models import PriceRegion, PriceRegionCountry
from billing.places import country_check
from core.db.locking import locked
from core.db.refusals import refused_as


@transaction.atomic
def price_region_add(*, code: str, name: str, actor: User, reason: str) -> PriceRegion:
    """Add a region without countries. Raises: PriceRefused. Announces: `price_region_changed`."""
    region = PriceRegion(code=code.strip(), name=name.strip())
    region._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PriceRefused):
        region.save(force_insert=True)
    price_region_changed.send(sender=PriceRegion, actor=actor, subject=region, reason=reason)
    return region


@transaction.atomic
def price_region_country_place(
    *, price_region_id: UUID, country: str, actor: User, reason: str, expected_version: int | None = None
) -> PriceRegionCountry:
    """Put a country into a region, out of the one it was in. What it costs there changes at once.

    Locks: the region. Raises: PriceRefused (no such country, or in this region already), NotThere, StaleVersion.
    Announces: `price_region_changed`.
    """
    country_check(country, PriceRefused)
    region = locked(PriceRegion, price_region_id, expected_version=expected_version)
    row = PriceRegionCountry.objects.select_for_update().filter(country=country).first()
    if row is not None and row.region_id == region.pk:
        raise PriceRefused(f"{country} belongs to {region} already.")
    made = row is None
    row = row or PriceRegionCountry(country=country)
    row.region = region
    row._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(PriceRefused):
        row.save(force_insert=made, update_fields=None if made else ["region"])
    _tell(region, actor, reason, {"placed": country})
    return row


@transaction.atomic
def price_region_country_remove(
    *, price_region_id: UUID, country: str, actor: User, reason: str, expected_version: int | None = None
) -> None:
    """Take a country out of a region: prices for everywhere hold there, unless it has its own.

    Locks: the region. Raises: PriceRefused (it is not in it), NotThere, StaleVersion. Announces:
    `price_region_changed`.
    """
    region = locked(PriceRegion, price_region_id, expected_version=expected_version)
    row = PriceRegionCountry.objects.filter(country=country, region=region).first()
    if row is None:
        raise PriceRefused(f"{country[:10]} does not belong to {region}.")
    row._change_reason = reason  # type: ignore[attr-defined]
    row.delete()
    _tell(region, actor, reason, {"removed": country})


def _tell(region: PriceRegion, actor: User, reason: str, detail: dict[str, str]) -> None:
    price_region_changed.send(sender=PriceRegion, actor=actor, subject=region, reason=reason, detail=detail)
