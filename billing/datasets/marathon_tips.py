"""The real shape of money: donations of two charity marathons, minute by minute, as purchases of tokens and tips.

The source says how many dollars had come by each minute. What came within a minute is spent by one viewer, who buys
tokens when too few are left, at ten cents each. A total that falls is a correction: the latest tips are taken back until
what is booked is not more, and the difference is tipped anew. So what is booked is the total of every minute. The last
two days of each marathon are brought in, which keeps the demo quick.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from uuid import UUID

import streams.demo
from accounts.choices import UserStatus
from accounts.models import User
from billing import chart
from billing.burning import Taken, burn
from billing.chart import TOKEN
from billing.ledger_choices import JournalKind
from billing.models import TokenLot, TokenSpend, Wallet
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.revenue_share import Share, share_of
from billing.services.spend_reversals import spend_reverse
from billing.services.spends import Plan, Wish, spends_write
from billing.services.wallets import as_worker, lots_save, wallets_open
from billing.wallet_choices import LotKind, SpendKind
from core.datasets.files import Row, rows_of
from core.datasets.registry import ReadRow
from core.models import DatasetOffset
from core.models.identity import uuid7_derived
from streams.datasets.marathon_streams import EVENTS, MINUTE_COLUMNS, MINUTES, PERFORMER, SET
from streams.models import Stream

DATA: Path = streams.demo.DATA
VIEWERS = 300
WINDOW = 2 * 24 * 60
"""Minutes of each marathon that are brought in, counted from its end."""

CENTS = 10
"""What a token costs here, in cents of a dollar."""

PACK = 500
"""Tokens are bought in packs of so many."""

CHUNK = 250
MOST_CENTS = 10**12


@dataclass(frozen=True)
class Total:
    """What had come by a minute, in tokens; None where the source does not say."""

    event: str
    at: dt.datetime
    tokens: int | None


def total_of(row: Row) -> Total:
    """The total of a row of the source. Raises ValueError with a sentence."""
    if row["event"] not in EVENTS:
        raise ValueError(f"event {row['event'][:40]!r} is none of {', '.join(EVENTS)}")
    at = dt.datetime.fromisoformat(row["time"]).astimezone(dt.UTC)
    text = row["amount_usd_cum"]
    if not text:
        return Total(row["event"], at, None)
    try:
        cents = Decimal(text) * 100
    except InvalidOperation:
        raise ValueError(f"amount_usd_cum {text[:40]!r} is no amount") from None
    if cents != int(cents) or not 0 <= cents <= MOST_CENTS:
        raise ValueError(f"amount_usd_cum {text[:40]!r} is no amount in whole cents")
    return Total(row["event"], at, int(cents) // CENTS)


def totals_of(path: Path) -> dict[str, list[Total]]:
    """The totals of each marathon, in order; minutes of which nothing is said are left out."""
    found: dict[str, list[Total]] = {}
    for row in rows_of(path / MINUTES, MINUTE_COLUMNS, total_of):
        if isinstance(row, ReadRow) and row.value.tokens is not None:
            found.setdefault(row.value.event, []).append(row.value)
    return {event: sorted(totals, key=lambda total: total.at) for event, totals in found.items()}


@dataclass
class Marathon:
    """One marathon while it is brought in: who spends, what is in their wallets, and what is booked."""

    stream: Stream
    moved: dt.timedelta
    wallets: list[Wallet]
    share: Share
    booked: int = 0
    lots: dict[UUID, list[TokenLot]] = field(default_factory=dict)
    fresh: list[TokenLot] = field(default_factory=list)
    changed: dict[UUID, TokenLot] = field(default_factory=dict)
    purchases: list[Entry] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    tips: int = 0
    bought: int = 0
    taken_back: int = 0

    def __post_init__(self) -> None:
        self.accounts = ledger_accounts_open(
            chart.cash("demo", "USD"), chart.deferred_revenue("USD"), chart.tokens_sold()
        )
        self._load()

    def _load(self) -> None:
        self.lots = {}
        for lot in TokenLot.objects.open().filter(wallet__in=self.wallets):
            self.lots.setdefault(lot.wallet_id, []).append(lot)

    def reach(self, total: Total) -> None:
        """Book what is missing to the total of a minute, or take back what is too much."""
        tokens = total.tokens or 0
        if tokens < self.booked:
            self.flush()
            self._take_back(tokens)
        if tokens > self.booked:
            self._tip(tokens - self.booked, total.at + self.moved, f"{total.event}:{total.at:%Y-%m-%dT%H:%M}")
            self.booked = tokens
        if len(self.plans) >= CHUNK:
            self.flush()

    def _tip(self, tokens: int, at: dt.datetime, key: str) -> None:
        wallet = self.wallets[int.from_bytes(key.encode(), "big") % len(self.wallets)]
        mine = self.lots.setdefault(wallet.pk, [])
        missing = tokens - sum(lot.remaining for lot in mine)
        if missing > 0:
            mine.append(self._buy(wallet, -(-missing // PACK) * PACK, at, key))
        taken: list[Taken] = burn(mine, tokens, at)
        self.changed |= {part.lot.pk: part.lot for part in taken}
        self.lots[wallet.pk] = [lot for lot in mine if lot.remaining]
        wish = Wish(
            viewer_id=wallet.user_id,
            performer_id=self.stream.performer_id,
            kind=SpendKind.TIP,
            tokens=tokens,
            key=key,
            stream_id=self.stream.pk,
        )
        self.plans.append(
            Plan(wallet=wallet, wish=wish, share=self.share, taken=taken, at=at, account_id=wallet.account_id)
        )
        self.tips += 1

    def _buy(self, wallet: Wallet, tokens: int, at: dt.datetime, key: str) -> TokenLot:
        cash, deferred, sold = self.accounts
        cost = tokens * CENTS
        lot = TokenLot(
            id=uuid7_derived(at, "lot", str(wallet.pk), key),
            wallet=wallet,
            kind=LotKind.PAID,
            quantity=tokens,
            remaining=tokens,
            currency_id="USD",
            cost=cost,
            cost_remaining=cost,
        )
        self.fresh.append(lot)
        self.purchases.append(
            Entry(
                id=uuid7_derived(at, "purchase", str(lot.pk)),
                kind=JournalKind.PURCHASE,
                lines=(
                    Line(cash, -cost, "USD"),
                    Line(deferred, cost, "USD"),
                    Line(wallet.account_id, tokens, TOKEN),
                    Line(sold, -tokens, TOKEN),
                ),
                source=("billing_tokenlot", lot.pk),
                occurred_at=at,
            )
        )
        self.bought += tokens
        return lot

    def flush(self) -> None:
        """Write everything that is waiting: a statement a table."""
        new = {lot.pk for lot in self.fresh}
        TokenLot.objects.bulk_create(self.fresh, batch_size=500)
        lots_save([lot for pk, lot in self.changed.items() if pk not in new])
        entries_post(entries=self.purchases, actor=None)
        if self.plans:
            spends_write(plans=self.plans, actor=None, derived=True)
        self.fresh, self.purchases, self.plans, self.changed = [], [], [], {}

    def _take_back(self, tokens: int) -> None:
        """A correction of the source: the latest tips go, until no more is booked than the total says."""
        latest = TokenSpend.objects.filter(stream=self.stream, reversal__isnull=True).order_by("-pk")
        for spend in latest.iterator():
            if self.booked <= tokens:
                break
            spend_reverse(spend_id=spend.pk, actor=None, reason="The total of the source was corrected.")
            self.booked -= spend.tokens
            self.taken_back += 1
        self._load()


def marathon_tips_load(path: Path = DATA / SET, window: int = WINDOW) -> str:
    """Bring in the last minutes of each marathon; those that are there already are left alone. One transaction."""
    done: list[Marathon] = []
    with as_worker(None):
        for event, totals in totals_of(path).items():
            shift = (
                DatasetOffset.objects.filter(dataset=f"{SET}/{event}").values_list("shift", flat=True).first()
            )
            stream = _stream(totals, shift)
            if shift is None or stream is None or TokenSpend.objects.filter(stream=stream).exists():
                continue
            if wallets := _wallets(stream.performer_id):
                done.append(_bring_in(stream, shift, totals, window, wallets))
    if not done:
        return "there before"
    tips, bought, back = (
        sum(getattr(marathon, name) for marathon in done) for name in ("tips", "bought", "taken_back")
    )
    return f"{tips:,} tips, {bought:,} tokens bought, {back} tips taken back by corrections"


def _stream(totals: list[Total], shift: dt.timedelta | None) -> Stream | None:
    if shift is None:
        return None
    held = Stream.all_objects.filter(performer__user__handle=PERFORMER)
    return held.filter(started_at__lte=totals[0].at + shift, ended_at__gt=totals[0].at + shift).first()


def _wallets(performer_id: UUID) -> list[Wallet]:
    """The wallets of the viewers of the demo, always the same ones."""
    people = User.objects.filter(status=UserStatus.ACTIVE).exclude(pk=performer_id)
    found = wallets_open(people.order_by("pk").values_list("pk", flat=True)[:VIEWERS])
    return sorted(found.values(), key=lambda wallet: wallet.pk)


def _bring_in(
    stream: Stream, shift: dt.timedelta, totals: list[Total], window: int, wallets: list[Wallet]
) -> Marathon:
    first, last = totals[-min(window, len(totals))], totals[-1]
    share = share_of(performer_id=stream.performer_id, kind=SpendKind.TIP, at=last.at + shift)
    marathon = Marathon(
        stream=stream,
        moved=shift,
        wallets=wallets,
        share=share,
    )
    before = first.tokens or 0
    for total in _from(totals, first):
        marathon.reach(Total(total.event, total.at, max(0, (total.tokens or 0) - before)))
    marathon.flush()
    return marathon


def _from(totals: list[Total], first: Total) -> Iterator[Total]:
    return (total for total in totals if total.at >= first.at)
