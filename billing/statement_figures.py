"""What statements of earnings say, made from the ledger alone: figures of every owner and unit for some days.

Days are those on which the ledger books. What counts as what follows from the kind of the entry; whatever fits nothing
is an adjustment, so that the sums are always whole.
"""

import datetime as dt
import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from billing.allocation import allocate
from billing.ledger_choices import JournalKind

K = JournalKind
EARNS = (K.PURCHASE, K.TIP, K.GIFT, K.TICKET, K.PRIVATE_SHOW, K.REWARD, K.HOLD_CAPTURE)
TAKES_BACK = (K.REFUND, K.SPEND_REFUND, K.DISPUTE)
PAYS = (K.PAYOUT, K.PAYOUT_RETURN)

# A reversal of a spend takes back what was earned by it; any other one corrects the books.
MOVEMENTS = """
SELECT a.person_id, a.studio_id, a.currency,
  coalesce(sum(p.amount) FILTER (WHERE j.booked_on < %(first)s), 0)::bigint AS opening,
  coalesce(sum(p.amount) FILTER (WHERE j.booked_on >= %(first)s AND x.earns), 0)::bigint AS earned,
  coalesce(sum(p.amount) FILTER (WHERE j.booked_on >= %(first)s AND x.takes), 0)::bigint AS taken_back,
  coalesce(sum(p.amount) FILTER (WHERE j.booked_on >= %(first)s AND j.kind = 'exchange'), 0)::bigint AS exchanged,
  coalesce(sum(p.amount) FILTER (WHERE j.booked_on >= %(first)s AND j.kind = ANY (%(pays)s)), 0)::bigint AS paid_out,
  coalesce(sum(p.amount) FILTER (WHERE j.booked_on >= %(first)s AND NOT x.earns AND NOT x.takes
    AND j.kind <> 'exchange' AND NOT j.kind = ANY (%(pays)s)), 0)::bigint AS adjusted,
  sum(p.amount)::bigint AS closing,
  count(*) FILTER (WHERE j.booked_on >= %(first)s AND x.earns) AS activities
FROM billing_ledgeraccount a
JOIN billing_posting p ON p.account_id = a.id
JOIN billing_journalentry j ON j.id = p.entry_id
CROSS JOIN LATERAL (
  SELECT j.kind = ANY (%(earns)s) AND p.amount > 0 AS earns,
    j.kind = ANY (%(takes)s) OR (j.kind = 'reversal' AND j.source_table = 'billing_tokenspend') AS takes
) x
WHERE split_part(a.code, ':', 1) IN ('earnings', 'studio_earnings') AND j.booked_on < %(after)s
GROUP BY a.person_id, a.studio_id, a.currency
HAVING sum(p.amount) <> 0 OR bool_or(j.booked_on >= %(first)s)
"""
FEES_OF_SPENDS = """
SELECT s.performer_id, p.currency, sum(p.amount)::bigint
FROM billing_ledgeraccount a
JOIN billing_posting p ON p.account_id = a.id
JOIN billing_journalentry j ON j.id = p.entry_id
JOIN billing_tokenspend s ON s.id = j.source_id AND j.source_table = 'billing_tokenspend'
WHERE split_part(a.code, ':', 1) = 'platform_share' AND j.booked_on >= %(first)s AND j.booked_on < %(after)s
GROUP BY s.performer_id, p.currency
"""
# The platform's part of a payment for several performers is told apart by what it was of each.
FEES_OF_PAYMENTS = """
SELECT j.id, p.currency, p.amount, r.performer_id, sum(l.amount)::bigint
FROM billing_ledgeraccount a
JOIN billing_posting p ON p.account_id = a.id
JOIN billing_journalentry j ON j.id = p.entry_id
JOIN billing_payment m ON m.id = j.source_id AND j.source_table = 'billing_payment'
JOIN billing_orderline o ON o.order_id = m.order_id
JOIN billing_revenuesplit r ON r.order_line_id = o.id AND r.reverses_id IS NULL
JOIN billing_revenuesplitline l ON l.split_id = r.id AND l.party = 'platform'
WHERE split_part(a.code, ':', 1) = 'platform_share' AND j.booked_on >= %(first)s AND j.booked_on < %(after)s
GROUP BY j.id, p.id, p.currency, p.amount, r.performer_id ORDER BY j.id, p.id, r.performer_id
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one statement says: minor units or tokens, credit above zero. `fees` stand beside the sums."""

    performer_id: UUID | None
    studio_id: UUID | None
    currency: str
    opening: int
    earned: int
    taken_back: int
    exchanged: int
    paid_out: int
    adjusted: int
    closing: int
    fees: int
    activities: int

    @property
    def owner(self) -> tuple[UUID | None, UUID | None, str]:
        """Whose they are, in which unit."""
        return self.performer_id, self.studio_id, self.currency

    def content_hash(self, first: dt.date, after: dt.date) -> bytes:
        """SHA-256 of the figures as JSON with sorted keys, without spaces; the days are the first and the one after."""
        said = {
            name: str(value) if isinstance(value, UUID) else value for name, value in asdict(self).items()
        }
        said |= {"first": first.isoformat(), "after": after.isoformat()}
        return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()


def nothing_owed(performer_id: UUID | None, studio_id: UUID | None, currency: str) -> Figures:
    """Figures of somebody to whom nothing was owed, and for whom nothing moved."""
    return Figures(performer_id, studio_id, currency, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def statement_figures(first: dt.date, after: dt.date) -> list[Figures]:
    """Figures of everybody to whom something was owed or moved from `first` until before `after`. As the worker."""
    said: dict[str, Any] = {
        "first": first,
        "after": after,
        "earns": [str(kind) for kind in EARNS],
        "takes": [str(kind) for kind in TAKES_BACK],
        "pays": [str(kind) for kind in PAYS],
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVEMENTS, said)
        rows = cursor.fetchall()
    fees = _fees(first, after)
    found = []
    for person_id, studio_id, currency, *moved, activities in rows:
        opening, earned, taken_back, exchanged, paid_out, adjusted, closing = moved
        found.append(
            Figures(
                performer_id=person_id,
                studio_id=studio_id,
                currency=currency,
                opening=opening,
                earned=earned,
                taken_back=taken_back,
                exchanged=exchanged,
                paid_out=paid_out,
                adjusted=adjusted,
                closing=closing,
                fees=fees.get((person_id, currency), 0) if person_id else 0,
                activities=activities,
            )
        )
    return sorted(
        found, key=lambda figures: (str(figures.performer_id), str(figures.studio_id), figures.currency)
    )


def _fees(first: dt.date, after: dt.date) -> dict[tuple[UUID, str], int]:
    said = {"first": first, "after": after}
    fees: dict[tuple[UUID, str], int] = defaultdict(int)
    shared: dict[tuple[UUID, str, int], list[tuple[UUID, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(FEES_OF_SPENDS, said)
        for performer_id, currency, amount in cursor.fetchall():
            fees[performer_id, currency] += amount
        cursor.execute(FEES_OF_PAYMENTS, said)
        for entry_id, currency, amount, performer_id, weight in cursor.fetchall():
            shared[entry_id, currency, amount].append((performer_id, weight))
    for (_, currency, amount), parts in shared.items():
        for (performer_id, _), part in zip(
            parts, allocate(amount, [weight for _, weight in parts]), strict=True
        ):
            fees[performer_id, currency] += part
    return fees
