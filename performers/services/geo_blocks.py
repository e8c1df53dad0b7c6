"""Where a performer does not want to be seen."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.locking import NotThere
from core.db.refusals import refused_as
from performers.announcements import region_blocked, region_unblocked
from performers.errors import SettingsRefused
from performers.models import GeoBlock
from performers.regions import region_check
from performers.services.calendars import announce

MOST_BLOCKS = 400
"""Regions of one performer: every country, and some parts besides."""


@transaction.atomic
def region_block(
    *, performer_id: UUID, country: str, actor: User | None, subdivision: str | None = None
) -> GeoBlock:
    """Show the performer to nobody in a country (ISO 3166-1 alpha-2), or in one subdivision of it (ISO 3166-2).

    Raises: UnknownRegion, SettingsRefused (blocked already, too many). Announces: `region_blocked`.
    """
    region_check(country, subdivision)
    blocks = GeoBlock.objects.filter(performer_id=performer_id)
    if subdivision is not None and blocks.filter(country=country, subdivision=None).exists():
        raise SettingsRefused(f"All of {country} is blocked already.")
    if blocks.count() >= MOST_BLOCKS:
        raise SettingsRefused(f"{MOST_BLOCKS} regions can be blocked. Block a country instead of its parts.")
    block = GeoBlock(performer_id=performer_id, country=country, subdivision=subdivision)
    with refused_as(SettingsRefused):
        block.save(force_insert=True)
    announce(
        region_blocked, performer_id=performer_id, actor=actor, sender=GeoBlock, detail={"region": str(block)}
    )
    return block


@transaction.atomic
def region_unblock(
    *, performer_id: UUID, country: str, actor: User | None, subdivision: str | None = None
) -> None:
    """Show the performer there again. Raises: NotThere. Announces: `region_unblocked`."""
    gone, _ = GeoBlock.objects.filter(
        performer_id=performer_id, country=country, subdivision=subdivision
    ).delete()
    if not gone:
        raise NotThere("This region is not blocked.")
    announce(
        region_unblocked,
        performer_id=performer_id,
        actor=actor,
        sender=GeoBlock,
        detail={"region": subdivision or country},
    )
