"""What happens to a subscription is told by an event and by an announcement; and who may make it happen."""

from typing import Any

from django.db.models import Max

from accounts.models import User
from billing import subscription_announcements as told
from billing.errors import SubscriptionRefused
from billing.models import Subscription, SubscriptionEvent, SubscriptionPeriod
from billing.subscription_choices import SubscriptionEventKind
from core.db.clock import database_now
from core.db.context import current_role
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.db.roles import Role

E = SubscriptionEventKind

ANNOUNCED = {
    E.BEGUN: told.subscription_begun,
    E.ACTIVATED: told.subscription_activated,
    E.RENEWED: told.subscription_renewed,
    E.CHARGE_FAILED: told.subscription_charge_failed,
    E.RECOVERED: told.subscription_recovered,
    E.CHANGED: told.subscription_changed,
    E.CHANGE_PLANNED: told.subscription_change_planned,
    E.CHANGE_WITHDRAWN: told.subscription_change_withdrawn,
    E.CANCELLED: told.subscription_cancelled,
    E.RESUMED: told.subscription_resumed,
    E.ENDED: told.subscription_ended,
}


def subscription_moved(
    *,
    subscription: Subscription,
    kind: SubscriptionEventKind,
    actor: User | None,
    changed: tuple[str, ...] = (),
    reason: str = "",
    period: SubscriptionPeriod | None = None,
    detail: dict[str, Any] | None = None,
) -> SubscriptionEvent:
    """Save the columns of a locked subscription, write its next event, and announce it. As the worker.

    Raises SubscriptionRefused for what the database does not take.
    """
    with refused_as(SubscriptionRefused):
        if changed:
            subscription.save(update_fields=list(changed))
        last = SubscriptionEvent.objects.filter(subscription=subscription).aggregate(last=Max("number"))[
            "last"
        ]
        event = SubscriptionEvent(
            subscription=subscription,
            number=(last or 0) + 1,
            kind=kind,
            status=subscription.status,
            plan_id=subscription.plan_id,
            next_plan_id=subscription.next_plan_id,
            cancels_at=subscription.cancels_at,
            period=period,
            reason=reason.strip(),
            actor=actor,
            happened_at=database_now(),
        )
        event.save(force_insert=True)
    ANNOUNCED[kind].send(
        sender=Subscription,
        actor=actor,
        subject=subscription,
        reason=reason,
        changed=changed,
        detail=detail or {},
    )
    return event


def check_whose(subscription: Subscription, actor: User | None) -> None:
    """People decide about what they subscribe to or give, staff about what is others'.

    Asked before writing as the worker. Raises NotThere, SubscriptionRefused.
    """
    role = current_role()
    person = actor.pk if actor else None
    if role in (Role.VIEWER, Role.PERFORMER):
        if person not in (subscription.viewer_id, subscription.giver_id) or person is None:
            raise NotThere("There is no such subscription of yours.")
    elif role not in (None, Role.OWNER, Role.WORKER) and person in (
        subscription.viewer_id,
        subscription.giver_id,
        subscription.performer_id,
    ):
        raise SubscriptionRefused("Nobody decides about what is their own as staff. Ask a colleague.")
