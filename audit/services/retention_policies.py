"""Policies of retention: copied from the models, changed by two people."""

from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Model

from accounts.models import User
from audit.announcements import (
    retention_change_proposed,
    retention_change_withdrawn,
    retention_policy_changed,
)
from audit.choices import RetentionDuty
from audit.errors import RetentionRefused
from audit.models import RetentionPolicy
from audit.models.compliance.retention_policy import EXECUTED
from audit.retention_duties import SECOND_TERMS, Duty, declared_models, duty_of, second_term_of
from audit.retention_rules import action_of, basis_of, minimum_of, online_period_of
from core.db.locking import locked
from core.db.refusals import refused_as
from core.models.storage import Term, retention_of, subject_of, term_of

COPY = """
INSERT INTO audit_retentionpolicy (
  table_name, words, period, online_period, starts_from, basis, action, is_executed, duty, obeyed_by, second_term,
  minimum, minimum_basis
)
SELECT * FROM unnest(
  %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[],
  %s::text[], %s::text[], %s::text[], %s::text[]
)
ON CONFLICT (table_name) DO UPDATE SET
  words = excluded.words,
  online_period = excluded.online_period,
  starts_from = excluded.starts_from,
  action = excluded.action,
  is_executed = excluded.is_executed,
  duty = excluded.duty,
  obeyed_by = excluded.obeyed_by,
  second_term = excluded.second_term,
  minimum = excluded.minimum,
  minimum_basis = excluded.minimum_basis,
  period = CASE
    WHEN audit_retentionpolicy.changed_by_id IS NULL OR excluded.period IS NULL OR audit_retentionpolicy.period IS NULL
    THEN excluded.period ELSE audit_retentionpolicy.period
  END,
  basis = CASE
    WHEN audit_retentionpolicy.changed_by_id IS NULL THEN excluded.basis ELSE audit_retentionpolicy.basis
  END
WHERE ROW(
    audit_retentionpolicy.words, audit_retentionpolicy.online_period, audit_retentionpolicy.action,
    audit_retentionpolicy.is_executed,
    audit_retentionpolicy.duty, audit_retentionpolicy.obeyed_by, audit_retentionpolicy.second_term,
    audit_retentionpolicy.minimum, audit_retentionpolicy.minimum_basis
  ) IS DISTINCT FROM ROW(
    excluded.words, excluded.online_period, excluded.action, excluded.is_executed, excluded.duty, excluded.obeyed_by,
    excluded.second_term,
    excluded.minimum, excluded.minimum_basis
  )
  OR audit_retentionpolicy.changed_by_id IS NULL AND audit_retentionpolicy.basis <> excluded.basis
"""


def declared_policies() -> dict[str, tuple[type[Model], Term]]:
    """Every table of the house with its model and the term that the model declares."""
    return {table: (model, term_of(retention_of(model))) for table, model in declared_models().items()}


def _row(table: str, model: type[Model], term: Term) -> tuple[Any, ...]:
    duty = duty_of(model) or Duty(RetentionDuty.WAITS, "Nobody has said who obeys it.")
    second = second_term_of(model)
    if second:
        told = SECOND_TERMS.get((subject_of(model) or model)._meta.db_table, "Nobody has said who obeys it.")
        second = f"{second}: {told}"
    minimum, law = minimum_of(model) if term.period else (None, "")
    return (
        table,
        term.words,
        term.period,
        online_period_of(model),
        term.starts_from.value,
        basis_of(model),
        action_of(model, term).value,
        duty.kind in EXECUTED,
        duty.kind.value,
        duty.note,
        second,
        minimum,
        law,
    )


def retention_policies_copy(*, using: str = "default") -> int:
    """Make `audit_retentionpolicy` say what the models declare; returns how many rows changed.

    What two people changed stays as they decided. Does nothing before the table exists, nor for a role other than its
    owner. Tables that are gone keep their row: old runs name it.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(has_table_privilege(to_regclass('audit_retentionpolicy'), 'INSERT'), false)"
        )
        if not cursor.fetchone()[0]:
            return 0
        rows = [_row(table, model, term) for table, (model, term) in sorted(declared_policies().items())]
        cursor.execute(COPY, [list(column) for column in zip(*rows, strict=True)])
        return int(cursor.rowcount)


@transaction.atomic
def retention_change_propose(
    *,
    retention_policy_id: UUID,
    period: str,
    basis: str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> RetentionPolicy:
    """Propose another period and basis; nothing changes until an administrator approves. Runs as compliance.

    Locks: the policy. Raises: RetentionRefused (the job does not obey this policy, there is a proposal, no period such
    as P90D, none at all, a shorter one than the law allows, no change), NotThere, StaleVersion.
    Announces: `retention_change_proposed`.
    """
    policy = locked(RetentionPolicy, retention_policy_id, expected_version=expected_version)
    if not policy.is_executed:
        raise RetentionRefused(
            "No job deletes by this policy yet, so that another period would change nothing. It changes in the code."
        )
    if policy.proposed_by_id is not None:
        raise RetentionRefused("There is a proposal already. It is approved or turned down first.")
    if period.strip().strip("PTDMY0") == "":
        raise RetentionRefused("A period of nothing would delete everything at once. Name at least one day.")
    if (period.strip(), basis.strip()) == (policy.period, policy.basis):
        raise RetentionRefused("That is what the policy says now.")
    policy.proposed_by, policy.proposed_reason = actor, reason.strip()
    policy.proposed_period, policy.proposed_basis = period.strip(), basis.strip()
    _save(policy, reason, "proposed_by", "proposed_period", "proposed_basis", "proposed_reason")
    retention_change_proposed.send(
        sender=RetentionPolicy,
        actor=actor,
        subject=policy,
        reason=reason,
        detail={"from": policy.period, "to": policy.proposed_period},
    )
    return policy


@transaction.atomic
def retention_change_approve(
    *, retention_policy_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> RetentionPolicy:
    """Let a proposal be the policy, from the next run on. Runs as administrator, by another person.

    Locks: the policy. Raises: RetentionRefused (no proposal, one's own), NotThere, StaleVersion.
    Announces: `retention_policy_changed`.
    """
    policy = _proposed(retention_policy_id, expected_version)
    if policy.proposed_by_id == actor.pk:
        raise RetentionRefused("Who proposed a change does not approve it. Ask a colleague.")
    before = policy.period
    policy.period, policy.basis = policy.proposed_period, policy.proposed_basis
    policy.changed_by_id, policy.approved_by = policy.proposed_by_id, actor
    _forget_proposal(policy)
    _save(policy, reason, "period", "basis", "changed_by", "approved_by", *PROPOSAL)
    retention_policy_changed.send(
        sender=RetentionPolicy,
        actor=actor,
        subject=policy,
        reason=reason,
        changed=("period", "basis"),
        detail={"from": before, "to": policy.period},
    )
    return policy


@transaction.atomic
def retention_change_withdraw(
    *, retention_policy_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> RetentionPolicy:
    """Turn a proposal down, or take one's own back. Runs as compliance or administrator.

    Locks: the policy. Raises: RetentionRefused (no proposal), NotThere, StaleVersion.
    Announces: `retention_change_withdrawn`.
    """
    policy = _proposed(retention_policy_id, expected_version)
    detail = {"from": policy.period, "to": policy.proposed_period}
    _forget_proposal(policy)
    _save(policy, reason, *PROPOSAL)
    retention_change_withdrawn.send(
        sender=RetentionPolicy, actor=actor, subject=policy, reason=reason, detail=detail
    )
    return policy


PROPOSAL = ("proposed_by", "proposed_period", "proposed_basis", "proposed_reason")


def _proposed(retention_policy_id: UUID, expected_version: int | None) -> RetentionPolicy:
    policy = locked(RetentionPolicy, retention_policy_id, expected_version=expected_version)
    if policy.proposed_by_id is None:
        raise RetentionRefused("Nobody proposes to change this policy.")
    return policy


def _forget_proposal(policy: RetentionPolicy) -> None:
    policy.proposed_by, policy.proposed_period = None, None
    policy.proposed_basis = policy.proposed_reason = ""


def _save(policy: RetentionPolicy, reason: str, *columns: str) -> None:
    policy._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(RetentionRefused):
        policy.save(update_fields=list(columns))
