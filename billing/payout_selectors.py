"""What can be paid out: the one place that says which earnings are available, and what the ledger has for them."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from billing import chart
from billing.chart import TOKEN, AccountSpec

AVAILABLE = """
WITH open AS MATERIALIZED (
  SELECT e.id, e.amount, e.currency,
    (e.amount < 0 OR e.available_on <= %(day)s::date AND NOT EXISTS (
      SELECT FROM billing_earninghold h WHERE h.earning_id = e.id AND h.released_at IS NULL
    )) AS chosen
  FROM billing_earning e
  WHERE e.{payee} = %(payee)s::uuid AND e.currency = ANY (%(units)s::text[])
    AND NOT EXISTS (SELECT FROM billing_payoutitem i WHERE i.earning_id = e.id AND i.is_live)
)
SELECT u.unit,
  coalesce(array_agg(o.id ORDER BY o.id) FILTER (WHERE o.chosen), '{{}}'),
  coalesce(sum(o.amount) FILTER (WHERE o.chosen), 0)::bigint,
  coalesce(sum(o.amount) FILTER (WHERE NOT o.chosen), 0)::bigint,
  coalesce((SELECT ledger_balance_of(a.id) FROM billing_ledgeraccount a WHERE a.code = u.earned), 0),
  greatest(-coalesce((SELECT ledger_balance_of(a.id) FROM billing_ledgeraccount a WHERE a.code = u.owed), 0), 0)
FROM unnest(%(units)s::text[], %(earned)s::text[], %(owed)s::text[]) WITH ORDINALITY AS u (unit, earned, owed, place)
LEFT JOIN open o ON o.currency = u.unit
GROUP BY u.unit, u.earned, u.owed, u.place ORDER BY u.place
"""
"""One statement, so that rows and balances are of one instant: a tip that comes meanwhile is in both or in neither."""


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid: a performer or a studio."""

    performer_id: UUID | None = None
    studio_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """The id of whichever it is. Raises ValueError where it is none or both."""
        if (self.performer_id is None) == (self.studio_id is None):
            raise ValueError("Exactly one of performer and studio is paid.")
        return self.performer_id or self.studio_id  # type: ignore[return-value]

    @property
    def column(self) -> str:
        """The column that names it."""
        return "performer_id" if self.performer_id else "studio_id"

    def earnings(self, unit: str) -> AccountSpec:
        """The account of what it earned."""
        if self.performer_id:
            return chart.earnings(self.performer_id, unit)
        return chart.studio_earnings(self.id, unit)

    def owed(self, unit: str) -> AccountSpec:
        """The account of what it owes."""
        if self.performer_id:
            return chart.receivable(self.performer_id, unit)
        return chart.owed_by_studio(self.id, unit)

    def reserve(self, currency: str) -> AccountSpec:
        """The account of what is on its way to it."""
        if self.performer_id:
            return chart.payout_reserve(self.performer_id, currency)
        return chart.studio_payout_reserve(self.id, currency)


@dataclass(frozen=True, slots=True)
class Available:
    """What a payee has in one unit: the open earnings that are available and their sum, the sum of the other open ones,
    the balance of the earnings account, and what is owed."""

    unit: str
    earning_ids: tuple[UUID, ...]
    chosen: int
    rest: int
    balance: int
    owed: int

    @property
    def payable(self) -> int:
        """What the ledger has beyond what is not available yet and what is owed; below zero where that is more.

        Earnings that were given back after they had been paid out are a debt in the ledger and an earning below zero at
        once: the ledger counts them once.
        """
        return self.balance - self.owed - self.rest


def available_now(payee: Payee, currency: str, at: dt.datetime) -> tuple[Available, Available]:
    """What can be paid out in tokens and in the currency as of `at`, rows and ledger of one instant; one statement."""
    units = [TOKEN, currency]
    with connection.cursor() as cursor:
        cursor.execute(
            AVAILABLE.format(payee=payee.column),
            {
                "payee": payee.id,
                "day": at.astimezone(dt.UTC).date(),
                "units": units,
                "earned": [payee.earnings(unit).code for unit in units],
                "owed": [payee.owed(unit).code for unit in units],
            },
        )
        tokens, money = (
            Available(unit, tuple(ids), chosen, rest, int(balance), int(owed))
            for unit, ids, chosen, rest, balance, owed in cursor.fetchall()
        )
    return tokens, money
