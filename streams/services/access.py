"""Rules of access and private lists: written by performers for what is theirs, by moderators for that of others."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pycountry
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from streams.announcements import access_granted, access_revoked, access_rule_removed, access_rule_set
from streams.choices import AccessKind, CountryMode
from streams.errors import AccessRefused
from streams.models import AccessGrant, AccessRule, Archive, Stream

Target = Stream | Archive


def _target(stream_id: UUID | None, archive_id: UUID | None) -> Target:
    """Lock the stream or the archive. Raises AccessRefused unless one of them is named; NotThere."""
    if (stream_id is None) == (archive_id is None):
        raise AccessRefused("Name a stream or an archive, and only one of them.")
    target: Target = locked(Stream, stream_id) if stream_id is not None else locked(Archive, archive_id)  # type: ignore[arg-type]
    if target.deleted_at is not None:
        raise NotThere("This was deleted.")
    return target


def _of(target: Target) -> dict[str, Target]:
    return {"stream" if isinstance(target, Stream) else "archive": target}


def _known_countries(countries: Sequence[str]) -> list[str]:
    for country in countries:
        if country != country.upper() or pycountry.countries.get(alpha_2=country) is None:
            raise AccessRefused(
                f"There is no country with the code {country[:10]!r}. Give the two capital letters of ISO 3166-1."
            )
    return sorted(set(countries))


@transaction.atomic
def rule_set(
    *,
    kind: AccessKind | str,
    actor: User,
    stream_id: UUID | None = None,
    archive_id: UUID | None = None,
    minimum_age: int | None = None,
    countries: Sequence[str] = (),
    country_mode: CountryMode | str | None = None,
    reason: str = "",
) -> AccessRule:
    """Demand something of whoever watches a stream or an archive; a rule of the same kind gets the new values.

    Locks: the target. Raises: AccessRefused (no target or two, values of another kind, an unknown country, open to
    everybody and to some at once), NotThere. Announces: `access_rule_set`.
    """
    if kind not in AccessKind.values:
        raise AccessRefused(f"A rule of access is one of: {', '.join(AccessKind.values)}.")
    target = _target(stream_id, archive_id)
    known = _known_countries(countries)
    values = {
        "minimum_age": minimum_age,
        "countries": known or None,
        "country_mode": country_mode,
    }
    rule = AccessRule.objects.filter(**_of(target), kind=kind).first()
    with refused_as(AccessRefused):
        if rule is None:
            rule = AccessRule(**_of(target), performer_id=target.performer_id, kind=kind, **values)
            rule._change_reason = reason or None  # type: ignore[attr-defined]
            rule.save(force_insert=True)
        else:
            for name, value in values.items():
                setattr(rule, name, value)
            rule._change_reason = reason or None  # type: ignore[attr-defined]
            rule.save(update_fields=list(values))
    access_rule_set.send(
        sender=AccessRule,
        actor=actor,
        subject=target,
        reason=reason,
        detail={"kind": str(kind), "minimum_age": minimum_age, "countries": len(known)},
    )
    return rule


@transaction.atomic
def rule_remove(*, access_rule_id: UUID, actor: User, reason: str = "") -> None:
    """Demand something no more. Locks: the rule. Raises: NotThere. Announces: `access_rule_removed`."""
    rule = locked(AccessRule, access_rule_id)
    target = rule.stream or rule.archive
    kind = rule.kind
    rule._change_reason = reason or None  # type: ignore[attr-defined]
    rule.delete()
    access_rule_removed.send(
        sender=AccessRule, actor=actor, subject=target, reason=reason, detail={"kind": kind}
    )


@transaction.atomic
def access_grant(
    *,
    user_id: UUID,
    actor: User,
    stream_id: UUID | None = None,
    archive_id: UUID | None = None,
    until: datetime | None = None,
) -> AccessGrant:
    """Put a person on the private list of a stream or an archive, from now on, until an instant (UTC; None: no end).

    For the performer herself. Locks: the target. Raises: AccessRefused (no target or two, on the list already, an end
    that has passed, an unknown person), NotThere. Announces: `access_granted`.
    """
    target = _target(stream_id, archive_id)
    beginning = database_now()
    if until is not None and until <= beginning:
        raise AccessRefused("The end lies in the past. Choose a later one, or none.")
    grant = AccessGrant(
        **_of(target),
        performer_id=target.performer_id,
        user_id=user_id,
        granted_by=actor,
        valid=DateTimeTZRange(beginning, until, "[)"),
    )
    with refused_as(AccessRefused):
        grant.save(force_insert=True)
        # An unknown person is refused here and not at the end of somebody's transaction.
        _check_now()
    access_granted.send(sender=AccessGrant, actor=actor, subject=target, detail={"grant": str(grant.pk)})
    return grant


def _check_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@transaction.atomic
def access_revoke(*, access_grant_id: UUID, actor: User) -> AccessGrant:
    """Take a person off a private list, from now on. Locks: the grant.

    Raises: AccessRefused (off it already), NotThere. Announces: `access_revoked`.
    """
    grant = locked(AccessGrant, access_grant_id)
    now = database_now()
    if not grant.is_in_force(now):
        raise AccessRefused("This person is off the list already.")
    grant.end(now)
    with refused_as(AccessRefused):
        grant.save(update_fields=["valid"])
    access_revoked.send(
        sender=AccessGrant,
        actor=actor,
        subject=grant.stream or grant.archive,
        detail={"grant": str(grant.pk)},
    )
    return grant
