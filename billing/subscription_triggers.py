"""Triggers of plans, subscriptions and their periods: what belongs together, follows without a gap, and is told."""

from typing import Any

import pgtrigger

from billing.catalogue_triggers import refusal
from billing.subscription_choices import MONTHS, STANDING, PeriodStatus
from core.db.triggers import Trigger, quoted

ANCHORED = "billing_anchored_end"
"""The function of the database that says where a period ends; the twin of `billing.anchoring.anchored_end`."""

_MONTHS = (
    "CASE {row}.interval "
    + " ".join(f"WHEN {quoted(interval.value)} THEN {months}" for interval, months in MONTHS.items())
    + " END"
)
_STANDING = ", ".join(quoted(status.value) for status in STANDING)


class DunningDaysRise(Trigger):
    """Days of dunning rise, from the first day on, and end before the next period would."""

    name = "50_rise"
    words = "Refuses days of dunning that are none, do not rise, or go beyond 27."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("dunning_days")

    def get_func(self, model: Any) -> str:
        return f"""
IF coalesce(cardinality(NEW.dunning_days), 0) NOT BETWEEN 1 AND 8 OR EXISTS (
  SELECT FROM unnest(NEW.dunning_days) WITH ORDINALITY d (day, place)
  WHERE d.day IS NULL OR d.day < 1 OR d.day > 27 OR d.day <= NEW.dunning_days[d.place - 1]
) THEN
  {refusal(model, "dunning_days", "Further attempts are on 1 to 8 rising days, from 1 to 27.")}
END IF;
RETURN NEW;"""


class FitsItsPlan(Trigger):
    """A subscription is to the performer of its plan, at a price of the plan in its currency."""

    name = "50_match_plan"
    words = "Refuses a plan of another performer, and a price of another product or currency."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("plan_id", "price_id", "next_plan_id", "next_price_id")

    def get_func(self, model: Any) -> str:
        def of(plan: str, price: str) -> str:
            return f"""EXISTS (
  SELECT FROM billing_plan p JOIN billing_price c ON c.product_id = p.product_id
  WHERE p.id = NEW.{plan} AND c.id = NEW.{price} AND p.performer_id = NEW.performer_id AND c.currency = NEW.currency
)"""

        return f"""
IF NOT {of("plan_id", "price_id")}
  OR (NEW.next_plan_id IS NOT NULL AND NOT {of("next_plan_id", "next_price_id")}) THEN
  {refusal(model, "plan", "A subscription is by a plan of its performer, at a price of that plan in its currency.")}
END IF;
RETURN NEW;"""


class FitsItsSubscription(Trigger):
    """A period belongs to the parties of its subscription, ends at the anchor and is paid by its own order."""

    name = "50_match_subscription"
    words = (
        "Refuses a period of another viewer, plan, price, currency or order than its subscription's, one that does "
        "not end at the anchor, and to lengthen one."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("ends_at")
    declare = (
        ("sub", "billing_subscription"),
        ("whole", "timestamptz"),
        ("shortened", "boolean"),
    )

    def get_func(self, model: Any) -> str:
        proposed = quoted(PeriodStatus.PROPOSED.value)
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF NEW.ends_at > OLD.ends_at THEN
    {refusal(model, "shortened", "A period ends when it was to end, or earlier by a change of plan.")}
  END IF;
  RETURN NEW;
END IF;
SELECT * INTO sub FROM billing_subscription s WHERE s.id = NEW.subscription_id;
IF sub.viewer_id IS DISTINCT FROM NEW.viewer_id OR sub.currency IS DISTINCT FROM NEW.currency OR NOT EXISTS (
  SELECT FROM billing_plan p JOIN billing_price c ON c.product_id = p.product_id
  WHERE p.id = NEW.plan_id AND p.performer_id = sub.performer_id AND c.id = NEW.price_id AND c.currency = NEW.currency
) THEN
  {refusal(model, "parties", "A period has the viewer, the performer and the currency of its subscription.")}
END IF;
IF NEW.number IS DISTINCT FROM 1 + coalesce(
  (SELECT max(p.number) FROM billing_subscriptionperiod p WHERE p.subscription_id = sub.id), 0
) THEN
  {refusal(model, "next_number", "Periods are numbered one after another.")}
END IF;
IF NEW.order_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM billing_order o
  JOIN billing_orderline l ON l.order_id = o.id
  JOIN billing_plan p ON p.product_id = l.product_id
  WHERE o.id = NEW.order_id AND o.user_id = coalesce(sub.giver_id, sub.viewer_id) AND o.currency = NEW.currency
    AND p.id = NEW.plan_id AND l.price_id = NEW.price_id
    AND l.list_amount = NEW.charge AND l.discount = NEW.credit_used
) THEN
  {refusal(model, "of_order", "The order of a period is for its plan, by whoever pays, and asks what the period says.")}
END IF;
IF date_trunc('second', NEW.starts_at) <> NEW.starts_at
  OR {ANCHORED}(NEW.ends_at, 0, sub.anchor_day, sub.anchor_time) <> NEW.ends_at THEN
  {refusal(model, "anchor", "Periods begin at whole seconds and end on the day and at the time of their anchor.")}
END IF;
IF NEW.basis = 'trial' THEN
  RETURN NEW;
END IF;
SELECT {ANCHORED}(NEW.starts_at, {_MONTHS.format(row="p")}, sub.anchor_day, sub.anchor_time) INTO whole
FROM billing_plan p WHERE p.id = NEW.plan_id;
SELECT b.ends_at < {ANCHORED}(b.starts_at, {_MONTHS.format(row="p")}, sub.anchor_day, sub.anchor_time)
INTO shortened
FROM billing_subscriptionperiod b JOIN billing_plan p ON p.id = b.plan_id
WHERE b.subscription_id = sub.id AND b.ends_at = NEW.starts_at AND b.status IN ({_STANDING}) AND b.basis <> 'trial';
IF NEW.ends_at > whole OR (
  NEW.ends_at <> whole AND NEW.status <> {proposed} AND NOT coalesce(shortened, false)
) OR (NEW.status = {proposed} AND NOT EXISTS (
  SELECT FROM billing_subscriptionperiod b
  WHERE b.subscription_id = sub.id AND b.status IN ({_STANDING})
    AND b.starts_at < NEW.starts_at AND b.ends_at = NEW.ends_at
)) THEN
  {refusal(model, "length", "A period is as long as its plan says, or the rest of one whose plan changes.")}
END IF;
RETURN NEW;"""


class FollowsWithoutGap(Trigger):
    """Periods that stand follow one another without a gap; the subscription knows their end and their credit.

    `column` names the subscription in the row.
    """

    name = "70_without_gap"
    words = (
        "Refuses, when the transaction ends, periods with a gap between them, a subscription that is renewed at "
        "another time than its last period ends, and credit that is not what its periods left."
    )
    definer = True
    when = pgtrigger.After
    timing = pgtrigger.Deferred
    declare = (("sub", "billing_subscription"), ("last_end", "timestamptz"), ("left_over", "numeric"))

    def __init__(self, column: str = "subscription_id", **kwargs: Any) -> None:
        self.column = column
        moving = (
            pgtrigger.UpdateOf("ends_at", "status")
            if column == "subscription_id"
            else pgtrigger.UpdateOf("renews_at", "credit")
        )
        super().__init__(operation=pgtrigger.Insert | moving, **kwargs)

    def get_func(self, model: Any) -> str:
        return f"""
SELECT * INTO sub FROM billing_subscription s WHERE s.id = NEW.{self.column};
IF EXISTS (
  SELECT FROM (
    SELECT p.starts_at, lag(p.ends_at) OVER (ORDER BY p.starts_at) AS before
    FROM billing_subscriptionperiod p WHERE p.subscription_id = sub.id AND p.status IN ({_STANDING})
  ) p WHERE p.before <> p.starts_at
) THEN
  {refusal(model, "without_gap", "A period begins when the one before ends.")}
END IF;
SELECT max(p.ends_at) FILTER (WHERE p.status IN ({_STANDING})),
  coalesce(sum(p.credit_given - p.credit_used) FILTER (WHERE p.status <> 'void'), 0)
INTO last_end, left_over
FROM billing_subscriptionperiod p WHERE p.subscription_id = sub.id;
IF sub.renews_at IS NOT NULL AND sub.renews_at IS DISTINCT FROM last_end THEN
  {refusal(model, "renews_at", "A subscription is renewed, or ends, when its last period ends.")}
END IF;
IF sub.credit <> left_over THEN
  {refusal(model, "credit_left", "The credit of a subscription is what its periods gave and did not use.")}
END IF;
RETURN NULL;"""


class TellsItsMoves(Trigger):
    """What a subscription is now is what its last event says. `column` names the subscription in the row."""

    name = "75_told"
    words = "Refuses, when the transaction ends, a subscription whose state is not that of its last event."
    definer = True
    when = pgtrigger.After
    timing = pgtrigger.Deferred
    declare = (("sub", "billing_subscription"), ("told", "billing_subscriptionevent"))

    def __init__(self, column: str = "id", **kwargs: Any) -> None:
        self.column = column
        operation: Any = pgtrigger.Insert
        if column == "id":
            operation = pgtrigger.Insert | pgtrigger.UpdateOf(
                "status", "plan_id", "next_plan_id", "cancels_at"
            )
        super().__init__(operation=operation, **kwargs)

    def get_func(self, model: Any) -> str:
        return f"""
SELECT * INTO sub FROM billing_subscription s WHERE s.id = NEW.{self.column};
SELECT * INTO told FROM billing_subscriptionevent e WHERE e.subscription_id = sub.id ORDER BY e.number DESC LIMIT 1;
IF ROW(sub.status, sub.plan_id, sub.next_plan_id, sub.cancels_at)
  IS DISTINCT FROM ROW(told.status, told.plan_id, told.next_plan_id, told.cancels_at) THEN
  {refusal(model, "told", "What happens to a subscription is told by an event of it.")}
END IF;
RETURN NULL;"""
