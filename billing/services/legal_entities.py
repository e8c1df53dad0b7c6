"""Companies of ours that sell: added, changed and closed by administrators, in their own role."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import legal_entity_added, legal_entity_changed, legal_entity_closed
from billing.errors import LegalEntityRefused
from billing.models import LegalEntity
from billing.places import country_check
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as


@transaction.atomic
def legal_entity_add(
    *,
    code: str,
    name: str,
    address: str,
    country: str,
    tax_number: str,
    sells_everywhere: bool = False,
    actor: User | None,
    reason: str = "",
) -> LegalEntity:
    """Add a company: it sells in its own country, and with `sells_everywhere` wherever no other one has its seat.

    The caller acts as an administrator. Raises: LegalEntityRefused (a code that is taken, a country in which another
    one sells, a second one for everywhere). Announces: `legal_entity_added`.
    """
    country_check(country, LegalEntityRefused)
    with refused_as(LegalEntityRefused):
        entity = LegalEntity.objects.create(
            code=code.strip(),
            name=name.strip(),
            address=address.strip(),
            country=country,
            tax_number=tax_number.strip(),
            sells_everywhere=sells_everywhere,
        )
    legal_entity_added.send(sender=LegalEntity, actor=actor, subject=entity, reason=reason)
    return entity


@transaction.atomic
def legal_entity_change(
    *,
    legalentity_id: UUID,
    name: str,
    address: str,
    tax_number: str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> LegalEntity:
    """Change what documents say about a company; those with a number keep what they said.

    Locks: the company. Raises: LegalEntityRefused (closed), NotThere, StaleVersion. Announces: `legal_entity_changed`.
    """
    entity = _open(legalentity_id, expected_version)
    entity.name, entity.address, entity.tax_number = name.strip(), address.strip(), tax_number.strip()
    entity._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(LegalEntityRefused):
        entity.save(update_fields=["name", "address", "tax_number"])
    entity.refresh_from_db(fields=["version", "updated_at"])
    legal_entity_changed.send(
        sender=LegalEntity,
        actor=actor,
        subject=entity,
        reason=reason,
        changed=("name", "address", "tax_number"),
    )
    return entity


@transaction.atomic
def legal_entity_close(
    *, legalentity_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> LegalEntity:
    """Let a company sell no more; what waits for a number still gets one.

    Locks: the company. Raises: LegalEntityRefused (closed before), NotThere, StaleVersion. Announces:
    `legal_entity_closed`.
    """
    entity = _open(legalentity_id, expected_version)
    entity.closed_at = database_now()
    entity._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(LegalEntityRefused):
        entity.save(update_fields=["closed_at"])
    legal_entity_closed.send(
        sender=LegalEntity, actor=actor, subject=entity, reason=reason, changed=("closed_at",)
    )
    return entity


def _open(legal_entity_id: UUID, expected_version: int | None) -> LegalEntity:
    entity = locked(LegalEntity, legal_entity_id, expected_version=expected_version)
    if entity.closed_at is not None:
        raise LegalEntityRefused("This company sells no more.")
    return entity
