"""Plans: opened with their product, price and benefits, changed in what may change, closed; never deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.catalogue_choices import ProductKind, TaxBehaviour
from billing.errors import PlanRefused
from billing.models import Plan, PlanBenefit
from billing.models.plan import dunning_days as usual_days
from billing.services.prices import price_set
from billing.services.products import product_add
from billing.services.wallets import as_worker
from billing.subscription_announcements import plan_changed, plan_closed, plan_opened
from billing.subscription_choices import BenefitKind, PlanInterval
from core.db.clock import database_now
from core.db.context import current_role
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role
from core.models.identity import uuid7
from performers.models import PerformerProfile

MOST_BENEFITS = 20


@dataclass(frozen=True, slots=True)
class NewBenefit:
    """Something that subscribers of a plan get, and the words about it."""

    kind: BenefitKind | str
    words: str


@transaction.atomic
def plan_open(
    *,
    performer_id: UUID,
    name: str,
    rank: int,
    interval: PlanInterval | str,
    currency: str,
    amount: int,
    tax_behaviour: TaxBehaviour | str,
    actor: User | None,
    reason: str,
    benefits: Sequence[NewBenefit] = (),
    trial_days: int = 0,
    dunning_days: Sequence[int] = (),
    description: str = "",
) -> Plan:
    """Offer a plan: its product, what it costs everywhere, and what one gets.

    `amount` in minor units; prices of countries are set beside it. By the performer herself, or by staff of the
    catalogue. Raises: PlanRefused (another's plan, no such performer, a rank that is taken, numbers that make no
    sense), ProductRefused, PriceRefused, MoneyRefused.
    Announces: `product_added`, `price_set`, `plan_opened`.
    """
    _check_whose(performer_id, actor)
    if len(benefits) > MOST_BENEFITS:
        raise PlanRefused(f"A plan has up to {MOST_BENEFITS} benefits.")
    with as_worker(actor):
        if not PerformerProfile.objects.filter(pk=performer_id).exists():
            raise PlanRefused("There is no such performer.")
        plan_id = uuid7()
        product = product_add(
            code=f"plan_{plan_id.hex}",
            kind=ProductKind.SUBSCRIPTION,
            name=name,
            description=description,
            actor=actor,
            reason=reason,
        )
        price_set(
            product_id=product.pk,
            currency=currency,
            amount=amount,
            tax_behaviour=tax_behaviour,
            actor=actor,
            reason=reason,
        )
        plan = Plan(
            id=plan_id,
            performer_id=performer_id,
            product=product,
            rank=rank,
            interval=interval,
            trial_days=trial_days,
            dunning_days=list(dunning_days) or usual_days(),
        )
        plan._change_reason = reason  # type: ignore[attr-defined]
        with refused_as(PlanRefused):
            plan.save(force_insert=True)
            PlanBenefit.objects.bulk_create(
                PlanBenefit(plan=plan, position=position, kind=benefit.kind, words=benefit.words.strip())
                for position, benefit in enumerate(benefits, start=1)
            )
    plan_opened.send(
        sender=Plan,
        actor=actor,
        subject=plan,
        reason=reason,
        detail={"rank": rank, "interval": str(interval), "amount": amount, "currency": currency},
    )
    return plan


@transaction.atomic
def plan_change(
    *,
    plan_id: UUID,
    trial_days: int,
    dunning_days: Sequence[int],
    actor: User | None,
    reason: str,
    expected_version: int | None = None,
) -> Plan:
    """Change the trial of new subscriptions, and when failed charges are tried again from the next failure on.

    Locks: the plan. Raises: PlanRefused (another's plan, numbers that make no sense), NotThere, StaleVersion.
    Announces: `plan_changed`.
    """
    with as_worker(actor):
        plan = locked(Plan, plan_id, expected_version=expected_version)
    _check_whose(plan.performer_id, actor)
    plan.trial_days, plan.dunning_days = trial_days, list(dunning_days)
    columns = ("trial_days", "dunning_days")
    plan._change_reason = reason  # type: ignore[attr-defined]
    with as_worker(actor), refused_as(PlanRefused):
        plan.save(update_fields=columns)
    plan_changed.send(sender=Plan, actor=actor, subject=plan, reason=reason, changed=columns)
    return plan


@transaction.atomic
def plan_close(
    *, plan_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Plan:
    """Offer a plan no longer. Whoever subscribes to it goes on as agreed.

    Locks: the plan. Raises: PlanRefused (another's plan, closed already), NotThere, StaleVersion.
    Announces: `plan_closed`.
    """
    with as_worker(actor):
        plan = locked(Plan, plan_id, expected_version=expected_version)
    _check_whose(plan.performer_id, actor)
    if plan.closed_at is not None:
        raise PlanRefused("This plan is closed already.")
    plan.closed_at = database_now()
    plan._change_reason = reason  # type: ignore[attr-defined]
    with as_worker(actor), refused_as(PlanRefused):
        plan.save(update_fields=["closed_at"])
    plan_closed.send(sender=Plan, actor=actor, subject=plan, reason=reason, changed=("closed_at",))
    return plan


def _check_whose(performer_id: UUID, actor: User | None) -> None:
    """People keep their own plans, staff those of others."""
    is_own = actor is not None and str(actor.pk) == str(performer_id)
    as_person = current_role() in (Role.VIEWER, Role.PERFORMER)
    if as_person and not is_own:
        raise PlanRefused("This is not your plan.")
    if is_own and not as_person and current_role() not in (None, Role.OWNER, Role.WORKER):
        raise PlanRefused("Nobody decides about what is their own as staff. Ask a colleague.")
