"""Erasing a person: asked of every floor, told before and after, done whole or not at all."""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.announcements import user_erased
from accounts.choices import UserStatus
from accounts.errors import OwnAccount
from accounts.models import User
from core.db.locking import locked
from core.db.refusals import refused_as
from core.erasure import Destroyed, Eraser, ErasureReport, Kept, erasers, register_eraser
from core.errors import Refused
from core.vetoes import Veto, erasure_requested

DESTROYED = {
    "accounts_user": "handle, language, time zone, country, time last seen",
    "accounts_userpassword": "password hash",
    "accounts_usersession": "devices with their addresses and browsers",
    "accounts_loginevent": "attempts to sign in with their addresses and browsers",
    "accounts_usercontact": "e-mail addresses and telephone numbers",
    "accounts_contactverification": "codes sent to them",
    "accounts_totpdevice": "second factor",
    "accounts_recoverycode": "recovery codes",
    "axes_accessattempt": "counters of failed sign-ins with their addresses",
    "accounts_identityproviderlink": "links to identity providers",
    "accounts_viewerprofile": "display name and preferences",
    "accounts_profilemedia": "pictures of the profile",
    "accounts_historicaluser": "earlier states of the account, old handles among them",
    "accounts_historicalviewerprofile": "earlier states of the profile",
    "accounts_historicalreservedhandle": "whose handle a resting one was, in its earlier states",
    "accounts_reservedhandle": "whose handle a resting one was",
    "accounts_accountflag": "notes on moderation flags",
    "accounts_historicalaccountflag": "earlier states of moderation flags",
    "accounts_acceptance": "network address and browser of acceptances",
}
"""Table and what goes from it, in words; the counts come from the functions of the database."""

LEGAL_CLAIMS = "establishment and defence of legal claims (GDPR art. 17(3)(e))"

KEPT = {
    "accounts_acceptance": ("which documents were accepted, and when", LEGAL_CLAIMS, "6 years after closing"),
    "accounts_consent": (
        "which consents were given and withdrawn, and when",
        "proof of consent (GDPR art. 7(1) and 17(3)(b))",
        "6 years after the end of each",
    ),
    "accounts_ageassurance": (
        "outcome and receipt of checks of age",
        "proof that minors were kept out, a legal obligation (GDPR art. 17(3)(b))",
        "5 years after the end of each",
    ),
    "accounts_restriction": (
        "restrictions and their reasons",
        LEGAL_CLAIMS,
        "7 years after the end of each",
    ),
    "accounts_historicalrestriction": (
        "earlier states of restrictions",
        LEGAL_CLAIMS,
        "with the restrictions",
    ),
    "accounts_accountflag": ("kind, source and outcome of moderation flags", LEGAL_CLAIMS, "7 years"),
    "accounts_rolegrant": (
        "staff roles held, and their reasons",
        "accountability of staff (GDPR art. 5(2) and 17(3)(b))",
        "7 years after the end of each",
    ),
    "accounts_historicalrolegrant": (
        "earlier states of staff roles",
        "accountability of staff (GDPR art. 5(2) and 17(3)(b))",
        "with the roles",
    ),
    "accounts_reservedhandle": (
        "freed handles, without the person, so that nobody is impersonated",
        "rights of others (GDPR art. 17(3)(e))",
        "180 days",
    ),
    "accounts_user": (
        "the account's random key, times of joining, closing and erasure",
        "what is kept above refers to it",
        "as long as any of that",
    ),
}
"""Table, what stays, why, until when."""


def cooling_period() -> timedelta:
    """Between the closing of an account and its erasure: the time in which the person may object."""
    return settings.ERASURE_COOLING_PERIOD


def erasable_from(user: User) -> datetime | None:
    """From when on a closed account may be erased (UTC); None while it is open."""
    return user.closed_at + cooling_period() if user.closed_at else None


@receiver(erasure_requested, sender=User)
def refuse_too_early(sender: Any, user: User, **_: Any) -> list[Veto]:
    """The vetoes of accounts itself: the cooling period, and staff roles that are in force."""
    vetoes = []
    start = erasable_from(user)
    if start is not None and start > timezone.now():
        days = cooling_period().days
        vetoes.append(
            Veto(f"An account is erased {days} days after its closing at the earliest.", until=start)
        )
    # Compliance reads no grants of roles; the function of the database says whether there is one.
    if _ask("accounts_person_survey", user.pk).staff:
        vetoes.append(Veto("The person holds a staff role; an administrator has to revoke it first."))
    return vetoes


def erasure_vetoes(user: User) -> tuple[Veto, ...]:
    """Everything that stands against erasing a person now, of every floor."""
    return erasure_requested.ask(sender=User, user=user)


def erasure_survey(user_id: UUID) -> ErasureReport:
    """What would be destroyed and what would be kept, of every floor. Runs as compliance; changes nothing."""
    return sum((eraser.survey(user_id) for eraser in erasers()), ErasureReport())


@transaction.atomic
def user_erase(
    *, user_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> ErasureReport:
    """Destroy what identifies a closed person, on every floor, and say what is kept, why and until when.

    Runs as compliance. Locks: the person. Raises: OwnAccount, IllegalTransition (open, or erased before),
    `core.vetoes.Vetoed` with all objections, Refused (the database objects, as by a legal hold), NotThere,
    StaleVersion. Announces: `user_erased`, with the counts of the report; its subject has no name any more.
    """
    if actor is not None and actor.pk == user_id:
        raise OwnAccount("Nobody erases their own account. Ask a colleague.")
    user = locked(User, user_id, expected_version=expected_version)
    User.status_machine.check(user.status, UserStatus.ERASED)
    erasure_requested.require(sender=User, user=user)
    with refused_as(Refused):
        report = sum((eraser.erase(user.pk) for eraser in erasers()), ErasureReport())
    user_erased.send(
        sender=User,
        actor=actor,
        subject=User.objects.get(pk=user.pk),
        reason=reason,
        changed=("status", "erased_at", "handle", "locale", "time_zone", "country"),
        detail=report.as_counts(),
    )
    return report


class _Answer(NamedTuple):
    """What the functions of the database say."""

    destroyed: dict[str, int]
    kept: dict[str, int]
    objects: list[str]
    staff: bool


def _ask(function: str, person_id: UUID) -> _Answer:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text, kept::text, objects, staff FROM {function}(%s)", [person_id])
        destroyed, kept, objects, staff = cursor.fetchone()
    return _Answer(json.loads(destroyed), json.loads(kept), list(objects), bool(staff))


def _report(function: str, person_id: UUID) -> ErasureReport:
    answer = _ask(function, person_id)
    return ErasureReport(
        destroyed=tuple(
            Destroyed(table, words, answer.destroyed[table]) for table, words in DESTROYED.items()
        ),
        kept=tuple(
            Kept(table, words, answer.kept[table], why, until) for table, (words, why, until) in KEPT.items()
        ),
        objects=tuple(answer.objects),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("accounts_person_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("accounts_person_erase", person_id)


register_eraser(Eraser(10, "accounts", survey=_survey, erase=_erase))
