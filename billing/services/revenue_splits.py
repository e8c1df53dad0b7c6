"""Sharing out: rows of splits, lines and earnings, and the postings that go with them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from billing import chart
from billing.chart import AccountSpec
from billing.ledger_choices import AccountType
from billing.models import Earning, OrderLine, RevenueSplit, RevenueSplitLine, TokenSpend
from billing.services.revenue_share import Share
from billing.wallet_choices import SplitParty
from core.models.identity import uuid7_derived

HELD_BACK = dt.timedelta(days=7)
"""An earning can be paid out a week after the spend: until then most spends that are taken back have been."""


@dataclass
class Rows:
    """What is written for splits, by one statement a table however many there are."""

    splits: list[RevenueSplit] = field(default_factory=list)
    lines: list[RevenueSplitLine] = field(default_factory=list)
    earnings: list[Earning] = field(default_factory=list)

    def write(self) -> None:
        """Write everything."""
        RevenueSplit.objects.bulk_create(self.splits, batch_size=500)
        RevenueSplitLine.objects.bulk_create(self.lines, batch_size=1000)
        Earning.objects.bulk_create(self.earnings, batch_size=1000)

    def add(
        self,
        *,
        share: Share,
        base: int,
        currency: str,
        at: dt.datetime,
        key: UUID,
        spend: TokenSpend | None = None,
        order_line: OrderLine | None = None,
    ) -> Mapping[SplitParty, int]:
        """Share out `base` by the share; `key` is the row for which it is, from which the ids follow."""
        parts = share.parts(base)
        split = RevenueSplit(
            id=uuid7_derived(at, "split", str(key)),
            spend=spend,
            order_line=order_line,
            base=base,
            currency_id=currency,
            performer_id=share.performer_id,
            studio_id=share.studio_id,
            rule=share.rule,
            performer_points=share.rule.performer_points,
            platform_points=share.rule.platform_points,
            studio_share=share.studio_share,
            split_at=at,
        )
        self._parts(split, parts, at, (at + HELD_BACK).astimezone(dt.UTC).date())
        return parts

    def take_back(
        self,
        *,
        split: RevenueSplit,
        parts: Mapping[SplitParty, int],
        at: dt.datetime,
        available_on: dt.date,
        key: UUID,
    ) -> RevenueSplit:
        """Take `parts` (below zero) of an earlier split back."""
        back = RevenueSplit(
            id=uuid7_derived(at, "split", str(key)),
            spend_id=split.spend_id,
            order_line_id=split.order_line_id,
            reverses=split,
            base=sum(parts.values()),
            currency_id=split.currency_id,
            performer_id=split.performer_id,
            studio_id=split.studio_id,
            rule_id=split.rule_id,
            performer_points=split.performer_points,
            platform_points=split.platform_points,
            studio_share=split.studio_share,
            split_at=at,
        )
        self._parts(back, parts, at, available_on)
        return back

    def _parts(
        self, split: RevenueSplit, parts: Mapping[SplitParty, int], at: dt.datetime, available_on: dt.date
    ) -> None:
        self.splits.append(split)
        for party, amount in parts.items():
            if not amount:
                continue
            line = RevenueSplitLine(
                id=uuid7_derived(at, "line", str(split.pk), party), split=split, party=party, amount=amount
            )
            self.lines.append(line)
            if party == SplitParty.PLATFORM:
                continue
            of_performer = party == SplitParty.PERFORMER
            self.earnings.append(
                Earning(
                    id=uuid7_derived(at, "earning", str(line.pk)),
                    line=line,
                    performer_id=split.performer_id if of_performer else None,
                    studio_id=None if of_performer else split.studio_id,
                    amount=amount,
                    currency_id=split.currency_id,
                    earned_at=at,
                    available_on=available_on,
                )
            )


def account_of(party: SplitParty, performer_id: UUID, studio_id: UUID | None, currency: str) -> AccountSpec:
    """The account of the ledger to which a part goes."""
    if party == SplitParty.PERFORMER:
        return chart.earnings(performer_id, currency)
    if party == SplitParty.STUDIO and studio_id is not None:
        return chart.studio_earnings(studio_id, currency)
    return chart.platform_share(currency)


def owed_by(party: SplitParty, performer_id: UUID, studio_id: UUID | None, currency: str) -> AccountSpec:
    """The account of what a performer or studio owes."""
    if party == SplitParty.STUDIO and studio_id is not None:
        return AccountSpec(
            f"receivable:{studio_id}:{currency}", AccountType.ASSET, currency, studio_id=studio_id
        )
    return chart.receivable(performer_id, currency)


def lines_of(split: RevenueSplit) -> dict[SplitParty, int]:
    """The parts of a split as they were written."""
    found = RevenueSplitLine.objects.filter(split=split).values_list("party", "amount")
    return {SplitParty(party): amount for party, amount in found}


def parts_in_order(parts: Mapping[SplitParty, int]) -> Sequence[tuple[SplitParty, int]]:
    """Parts of a split with what they are, in the order of parties."""
    return [(party, parts[party]) for party in SplitParty if parts.get(party)]
