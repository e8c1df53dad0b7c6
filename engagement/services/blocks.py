"""Blocking people."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.refusals import refused_as
from engagement.errors import BlockRefused
from engagement.models import Block
from engagement.tie_announcements import block_lifted, block_placed


@transaction.atomic
def block_place(*, person_id: UUID, actor: User) -> Block:
    """Let the acting person block another, as viewer and as performer; follows between them end, both ways.

    Locks: follows of the two that are on their way, then both people against erasure. Raises: BlockRefused (oneself,
    blocked already, erased, no such person). Announces: `block_placed`.
    """
    block = Block(blocker=actor, blocked_id=person_id)
    with refused_as(BlockRefused):
        block.save(force_insert=True)
        # The key to the person is checked at the end of the statement, which here is now.
    block_placed.send(sender=Block, block=block, actor=actor)
    return block


@transaction.atomic
def block_lift(*, person_id: UUID, actor: User) -> Block:
    """Take back the acting person's block; follows that it ended stay ended.

    Locks: the block. Raises: BlockRefused (not blocked). Announces: `block_lifted`.
    """
    block = Block.objects.select_for_update().in_force().filter(blocker=actor, blocked_id=person_id).first()
    if block is None:
        raise BlockRefused("You have not blocked this person.")
    block.ended_at = database_now()
    with refused_as(BlockRefused):
        block.save(update_fields=["ended_at"])
    block_lifted.send(sender=Block, block=block, actor=actor)
    return block
