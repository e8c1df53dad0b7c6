"""Names that performers used elsewhere, or before; stage names here are recorded by the database itself."""

import datetime as dt
import unicodedata
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.locking import NotThere
from core.db.refusals import refused_as
from performers.announcements import alias_recorded
from performers.choices import AliasSource
from performers.errors import AliasRefused
from performers.models import PerformerAlias, PerformerProfile


@transaction.atomic
def alias_record(
    *,
    performer_id: UUID,
    name: str,
    actor: User,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    reason: str = "",
) -> PerformerAlias:
    """Put a name on record that a performer uses or used: declared by herself, or found by an examiner.

    `since` and `until` (UTC) may be unknown: None. Raises: AliasRefused (malformed, on record for that time, an end
    before the beginning), NotThere. Announces: `alias_recorded`, without the name.
    """
    profile = PerformerProfile.objects.select_related("user").filter(pk=performer_id).first()
    if profile is None:
        raise NotThere("There is no such performer, or your role may not see them.")
    if since is not None and until is not None and until <= since:
        raise AliasRefused("A name is used from a time on until a later one.")
    source = AliasSource.DECLARED if actor.pk == profile.pk else AliasSource.EXAMINED
    with refused_as(AliasRefused):
        alias = PerformerAlias.objects.create(
            performer=profile,
            name=unicodedata.normalize("NFC", name).strip(),
            source=source,
            valid=DateTimeTZRange(since, until, "[)"),
        )
    alias_recorded.send(
        sender=PerformerAlias,
        actor=actor,
        subject=profile.user,
        reason=reason,
        detail={"alias": str(alias.pk), "source": source.value},
    )
    return alias
