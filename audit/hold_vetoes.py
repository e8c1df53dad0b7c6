"""What legal holds answer when lower floors ask before they destroy. Triggers of the database back each answer."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from audit.choices import HoldScope
from audit.models import LegalHold
from audit.services.held_rows import held_rows_copy
from audit.services.legal_holds import legal_hold_covers
from core.models.partitioned import Partitioned
from core.vetoes import Veto, erasure_requested, partition_leaving, purge_requested
from streams.models import Archive, Clip


@receiver(erasure_requested, sender=User)
def keep_person(sender: Any, user: User, **_: Any) -> Veto | None:
    """Nobody is erased while a hold covers the person, or one of their streams or archives: an erasure takes all."""
    covered = legal_hold_covers([(HoldScope.PERSON.value, user.pk)])
    if covered or LegalHold.objects.in_force().filter(person=user).exists():
        return Veto("A legal hold keeps this person's data. Compliance has to release it first.")
    return None


@receiver(purge_requested, sender=Archive)
def keep_archive(sender: Any, archive: Archive, **_: Any) -> Veto | None:
    """No files are destroyed while a hold covers the archive, its stream, its performer or who made a clip of it."""
    authors = Clip.objects.filter(archive_id=archive.pk).values_list("author_id", flat=True).distinct()
    scopes = [(HoldScope.ARCHIVE.value, archive.pk), *(("person", author) for author in authors)]
    if archive.recording_id is not None:
        scopes.append(("recording", archive.recording_id))
    if legal_hold_covers(scopes):
        return Veto("A legal hold keeps this archive. Compliance has to release it first.")
    return None


@receiver(partition_leaving)
def keep_rows(
    sender: Any, model: type[Partitioned], schema: str, name: str, using: str, **_: Any
) -> Veto | None:
    """A partition leaves when what holds cover is copied out, and the copies are proved to be the rows."""
    wanted, kept = held_rows_copy(model, schema=schema, name=name, using=using)
    if wanted != kept:
        return Veto(f"Legal holds cover {wanted} rows and {kept} copies prove to be those.")
    return None
