"""Policies: drafted by one, published by another, never changed after that, retired in the end."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import ModerationPolicy, PolicyVersion
from audit.moderation_announcements import (
    policy_assigned,
    policy_discarded,
    policy_drafted,
    policy_published,
    policy_retired,
    policy_revised,
)
from audit.moderation_choices import PolicyGround, PolicyVersionStatus, ReportCategory, Severity
from audit.moderation_errors import PolicyRefused
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a version says. `strike_days` is the time until a strike that it brings expires; 0 points: no strike."""

    title: str
    text: str
    transparency_category: str
    severity: Severity | str
    strike_points: int
    strike_days: int
    ground: PolicyGround | str = PolicyGround.TERMS
    legal_reference: str = ""


@transaction.atomic
def policy_add(
    *,
    code: str,
    wording: Wording,
    actor: User,
    categories: Iterable[ReportCategory | str] = (),
    parent_id: UUID | None = None,
) -> PolicyVersion:
    """Make a policy with its first draft. `categories` are those of reports for which it is proposed first.

    Raises: PolicyRefused (a code that is taken or malformed, a field that breaks a rule). Announces: `policy_drafted`.
    """
    policy = ModerationPolicy(
        code=code.strip(), parent_id=parent_id, categories=[str(item) for item in categories]
    )
    with refused_as(PolicyRefused):
        policy.save(force_insert=True)
    return _draft(policy, wording, actor)


@transaction.atomic
def policy_draft(*, policy_id: UUID, wording: Wording, actor: User) -> PolicyVersion:
    """Write a new version of a policy, to be published by somebody else.

    Locks: the policy. Raises: PolicyRefused (retired, it has a draft, a field that breaks a rule), NotThere. Announces:
    `policy_drafted`.
    """
    policy = locked(ModerationPolicy, policy_id)
    if policy.retired_at is not None:
        raise PolicyRefused(f"The policy {policy} is retired. Make a new one.")
    return _draft(policy, wording, actor)


@transaction.atomic
def policy_revise(
    *, policy_version_id: UUID, wording: Wording, actor: User, expected_version: int | None = None
) -> PolicyVersion:
    """Change a draft. Whoever wrote it first remains its author: another one publishes it.

    Locks: the version. Raises: PolicyRefused (a field that breaks a rule), NotThere (also: published, which no role may
    change), StaleVersion. Announces: `policy_revised`.
    """
    version = locked(PolicyVersion, policy_version_id, expected_version=expected_version)
    for field, value in asdict(wording).items():
        setattr(version, field, value.strip() if isinstance(value, str) else value)
    with refused_as(PolicyRefused):
        version.save(update_fields=list(asdict(wording)))
    version.refresh_from_db()
    return _told(policy_revised, version, actor)


@transaction.atomic
def policy_discard(*, policy_version_id: UUID, actor: User, reason: str) -> None:
    """Delete a draft. Locks: the version. Raises: PolicyRefused (no reason), NotThere (also: published). Announces:
    `policy_discarded`.
    """
    _because(reason)
    version = locked(PolicyVersion, policy_version_id)
    _told(policy_discarded, version, actor, reason)
    with refused_as(PolicyRefused):
        version.delete()


@transaction.atomic
def policy_publish(
    *,
    policy_version_id: UUID,
    actor: User,
    effective_at: datetime | None = None,
    expected_version: int | None = None,
) -> PolicyVersion:
    """Let a draft hold from `effective_at` on (UTC, in the future; None: from now on). Never by its author.

    Locks: the version. Raises: PolicyRefused (one's own draft, a time in the past or before a version that holds later,
    retired), NotThere (also: published), StaleVersion. Announces: `policy_published`.
    """
    version = locked(PolicyVersion, policy_version_id, expected_version=expected_version)
    if version.drafted_by_id == actor.pk:
        raise PolicyRefused("Somebody else publishes what you have written. Ask a colleague.")
    now = database_now()
    if effective_at is not None and effective_at < now:
        raise PolicyRefused("A version holds from now on or later, never for what is past.")
    version.status = PolicyVersionStatus.PUBLISHED
    version.effective_at = effective_at or now
    version.published_by = actor
    with refused_as(PolicyRefused):
        version.save(update_fields=["status", "effective_at", "published_by"])
    version.refresh_from_db()
    return _told(policy_published, version, actor)


@transaction.atomic
def policy_retire(
    *, policy_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ModerationPolicy:
    """Let no further decision rest on a policy; it stays for those that do.

    Locks: the policy. Raises: PolicyRefused (no reason, retired before, policies below it are in use), NotThere,
    StaleVersion. Announces: `policy_retired`.
    """
    _because(reason)
    policy = locked(ModerationPolicy, policy_id, expected_version=expected_version)
    if policy.retired_at is not None:
        raise PolicyRefused(f"The policy {policy} is retired already.")
    if policy.children.filter(retired_at__isnull=True).exists():
        raise PolicyRefused(f"Policies below {policy} are in use. Retire those first.")
    policy.retired_at = database_now()
    policy._change_reason = reason
    with refused_as(PolicyRefused):
        policy.save(update_fields=["retired_at"])
    policy_retired.send(
        sender=ModerationPolicy, actor=actor, subject=policy, reason=reason, changed=("retired_at",)
    )
    return policy


@transaction.atomic
def policy_assign(
    *,
    policy_id: UUID,
    categories: Iterable[ReportCategory | str],
    actor: User,
    expected_version: int | None = None,
) -> ModerationPolicy:
    """Say for which categories of reports a policy is proposed first.

    Locks: the policy. Raises: PolicyRefused (a category that is none), NotThere, StaleVersion. Announces:
    `policy_assigned`.
    """
    policy = locked(ModerationPolicy, policy_id, expected_version=expected_version)
    policy.categories = [str(item) for item in categories]
    if unknown := set(policy.categories) - set(ReportCategory.values):
        raise PolicyRefused(f"These are no categories of reports: {', '.join(sorted(unknown))}.")
    with refused_as(PolicyRefused):
        policy.save(update_fields=["categories"])
    policy_assigned.send(sender=ModerationPolicy, actor=actor, subject=policy, changed=("categories",))
    return policy


def _draft(policy: ModerationPolicy, wording: Wording, actor: User) -> PolicyVersion:
    values = {
        name: value.strip() if isinstance(value, str) else value for name, value in asdict(wording).items()
    }
    # The database counts.
    version = PolicyVersion(policy=policy, number=1, drafted_by=actor, **values)
    with refused_as(PolicyRefused):
        version.save(force_insert=True)
    version.refresh_from_db()
    return _told(policy_drafted, version, actor)


def _told(announcement: Announcement, version: PolicyVersion, actor: User, reason: str = "") -> PolicyVersion:
    announcement.send(
        sender=PolicyVersion,
        actor=actor,
        subject=version.policy,
        reason=reason,
        detail={"version": version.number, "id": str(version.pk)},
    )
    return version


def _because(reason: str) -> None:
    if not reason.strip():
        raise PolicyRefused("Say why, for those who read the history.")
