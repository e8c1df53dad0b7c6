"""What money that moved means: counters, order, fulfilment, ledger and exceptions follow from what is reported.

Captured C, refunded R, charged back D, fulfilled f (nothing, or all of the order) and reversed v (what of the
fulfilment was taken back) leave C - f - R - D + v in suspense. Whatever the order in which facts arrive, and however
often, the same counters come out, and one balanced entry is posted for each change. Money in suspense goes back first;
only then is the order touched.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Model

from accounts.models import User
from billing import chart
from billing.allocation import allocate
from billing.announcements import order_charged_back
from billing.catalogue_choices import RedemptionStatus
from billing.fulfilment import fulfilment_of
from billing.ledger_choices import JournalKind
from billing.models import Dispute, Order, OrderLine, Payment, PromotionRedemption
from billing.payment_access import PAYMENT_STATE
from billing.payment_choices import OrderStatus, PaymentStatus
from billing.provider_choices import ExceptionKind
from billing.services.dispute_movements import movements_write
from billing.services.earning_holds import payment_holds
from billing.services.journal import Entry, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.promotion_redemptions import promotion_redemption_apply
from billing.services.reconciliation_exceptions import reconciliation_exception_raise
from billing.services.settlement_counters import counters_follow
from billing.services.settlement_findings import look, tell
from billing.services.settlement_lines import Lines
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.models.identity import uuid7_derived


class Settlement:
    """A payment and its order under lock. Services change what is reported on `payment`, then `close` it.

    Locks: the order, then the payment. Runs as the worker. Raises NotThere.
    """

    def __init__(self, payment_id: UUID, *, event_id: UUID | None = None) -> None:
        order_id = Payment.objects.filter(pk=payment_id).values_list("order_id", flat=True).first()
        if order_id is None:
            raise NotThere("There is no such payment.")
        self.order = locked(Order, order_id)
        self.payment = locked(Payment, payment_id)
        self.payment.order = self.order
        self.event_id = event_id
        self.charged_back: list[tuple[Dispute, int]] = []
        """Disputes of which more, or less, was lost since."""

        self.entries: list[Entry] = []
        """What else is posted, together with what follows for the payment."""

        self.had_disputes = bool(self.payment.disputed or self.payment.charged_back)
        self._captured = self.payment.captured_settled
        self._refunded = self.payment.refunded_settled
        self._suspended = self.payment.suspended
        self._was_voided = self.payment.voided_at is not None
        self._before = self._state()

    # What providers say

    def is_named(self, reference: str) -> None:
        """The provider calls the payment so. Another name than the one that is known becomes an exception."""
        payment = self.payment
        if not reference or payment.provider_reference == reference:
            return
        taken = Payment.objects.filter(
            provider_account_id=payment.provider_account_id, provider_reference=reference
        )
        if payment.provider_reference or taken.exists():
            self.differs(
                ExceptionKind.CONTRADICTS,
                "The provider calls this payment by another name than before, or another payment so.",
                reference=reference,
            )
            return
        payment.provider_reference = reference

    def is_in(self, currency: str | None, amount: int | None) -> bool:
        """Whether the provider speaks of the currency of the payment; another one becomes an exception."""
        if currency is None or currency == self.payment.currency_id:
            return True
        self.differs(
            ExceptionKind.CURRENCY_DIFFERS,
            f"The provider reports {currency}, and the payment is in {self.payment.currency_id}. Nothing is posted.",
            reported=amount,
        )
        return False

    def authorised(self, amount: int) -> None:
        """The provider holds this much for us."""
        self.payment.authorised_settled = max(self.payment.authorised_settled, amount)

    def captured(self, total: int) -> None:
        """The provider took this much, altogether. The larger total is the later one."""
        self.payment.captured_settled = max(self.payment.captured_settled, total)

    def voided(self, at: datetime) -> None:
        """The provider let go of what it held."""
        if self.payment.voided_at is None:
            self.payment.voided_at = at

    def stands(self, status: PaymentStatus, at: datetime) -> bool:
        """A state before any money: the later one counts, by the provider's clock. Whether it was taken."""
        before = (PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION, PaymentStatus.FAILED)
        payment = self.payment
        if payment.status not in before:
            return False
        if payment.provider_time is not None:
            older = at < payment.provider_time
            lower = at == payment.provider_time and before.index(status) < before.index(payment.status)
            if older or lower:
                return False
        payment.status = status
        return True

    def differs(
        self,
        kind: ExceptionKind,
        words: str,
        *,
        subject: Model | None = None,
        expected: int | None = None,
        reported: int | None = None,
        reference: str = "",
    ) -> None:
        """Put a difference before finance."""
        amounts = expected is not None or reported is not None
        reconciliation_exception_raise(
            kind=kind,
            subject=subject or self.payment,
            words=words,
            provider_account_id=self.payment.provider_account_id,
            event_id=self.event_id,
            reference=reference or self.payment.provider_reference or "",
            currency=self.payment.currency_id if amounts else None,
            expected_amount=expected,
            reported_amount=reported,
        )

    # What follows

    def close(self, *, at: datetime | None = None, actor: User | None = None) -> None:
        """Bring everything after what was reported: counters, status, order, exceptions, and last the ledger.

        What was known before changes nothing, not even the version. `at` is the provider's instant. Announces:
        `payment_captured`, `refund_succeeded`, `payment_voided`, `order_charged_back`.
        """
        payment = self.payment
        counters_follow(payment)
        lines = Lines(payment.currency_id)
        newly = self._fulfil(lines)
        if newly:
            payment_holds(payment)
        taken_back = self._take_back(lines)
        payment.suspended = (
            payment.captured_settled
            - payment.fulfilled
            - payment.refunded_settled
            - payment.charged_back
            + payment.reversed
        )
        self._post_cash(lines)
        payment.status = self._status()
        if at is not None and (payment.provider_time is None or at > payment.provider_time):
            payment.provider_time = at
        if self._state() == self._before:
            entries_post(entries=self.entries, actor=actor)
            return
        payment.save(update_fields=[*PAYMENT_STATE])
        payment.refresh_from_db(fields=["version"])
        self._follow()
        if taken_back and self.charged_back:
            dispute, _ = self.charged_back[-1]
            order_charged_back.send(
                sender=Order, actor=actor, subject=self.order, changed=("status",), dispute_id=dispute.pk
            )
        look(self, self._captured)
        tell(payment, actor, before=(self._captured, self._refunded, self._was_voided))
        kind = JournalKind.DISPUTE if self.charged_back else JournalKind.SUSPENSE
        if newly:
            kind = JournalKind.PURCHASE
        elif not self.charged_back and (taken_back or payment.refunded_settled != self._refunded):
            kind = JournalKind.REFUND
        self._post(lines, kind, at, actor)

    def _state(self) -> tuple[object, ...]:
        return tuple(getattr(self.payment, name) for name in PAYMENT_STATE)

    def _status(self) -> PaymentStatus:
        payment = self.payment
        if payment.captured_settled:
            if payment.refunded_settled >= payment.captured_settled:
                return PaymentStatus.REFUNDED
            if payment.refunded_settled > 0:
                return PaymentStatus.PARTLY_REFUNDED
            if payment.captured_settled < payment.amount:
                return PaymentStatus.PARTLY_CAPTURED
            return PaymentStatus.CAPTURED
        if payment.voided_at is not None:
            return PaymentStatus.VOIDED
        if payment.authorised_settled:
            return PaymentStatus.AUTHORISED
        return PaymentStatus(payment.status)

    def _lines_of_order(self) -> list[OrderLine]:
        return list(self.order.lines.select_related("product").order_by("position"))

    def _fulfil(self, lines: Lines) -> bool:
        """Hand over the order once all of it is paid; whether that was now."""
        payment, order = self.payment, self.order
        if payment.fulfilled or payment.captured_settled < payment.amount:
            return False
        if order.status != OrderStatus.PLACED:
            return False
        payment.fulfilled = payment.amount
        for line in self._lines_of_order():
            if line.tax:
                lines.credit(chart.tax_payable(line.tax_jurisdiction, payment.currency_id), line.tax)
            fulfilment = fulfilment_of(line.product.kind)
            further = fulfilment.fulfil(line, payment) if fulfilment else ()
            lines.add(further)
            rest = line.net - lines.money(further)
            lines.credit(chart.deferred_revenue(payment.currency_id), rest)
        order.status, order.paid_at = OrderStatus.PAID, database_now()
        order.save(update_fields=["status", "paid_at"])
        uses = PromotionRedemption.objects.filter(order_id=order.pk, status=RedemptionStatus.RESERVED)
        for use_id in list(uses.order_by("pk").values_list("pk", flat=True)):
            promotion_redemption_apply(redemption_id=use_id, actor=None)
        return True

    def _take_back(self, lines: Lines) -> bool:
        """Take back of the order what went back beyond what stands in suspense; whether that was anything."""
        payment = self.payment
        beside = payment.captured_settled - payment.fulfilled
        wanted = min(payment.fulfilled, max(0, payment.refunded_settled + payment.charged_back - beside))
        amount = wanted - payment.reversed
        if amount <= 0:
            return False
        found = self._lines_of_order()
        left = [line.total - line.net_reversed - line.tax_reversed for line in found]
        for line, part in zip(found, allocate(amount, left), strict=True):
            if part:
                self._take_back_of(line, part, lines)
        payment.reversed = wanted
        return True

    def _take_back_of(self, line: OrderLine, part: int, lines: Lines) -> None:
        payment = self.payment
        net, tax = allocate(part, [line.net - line.net_reversed, line.tax - line.tax_reversed])
        if tax:
            lines.credit(chart.tax_payable(line.tax_jurisdiction, payment.currency_id), -tax)
        fulfilment = fulfilment_of(line.product.kind)
        if self.charged_back and fulfilment and fulfilment.recover and net:
            fulfilment.recover(line, payment, net)
        further = fulfilment.reverse(line, payment, net) if fulfilment and net else ()
        lines.add(further)
        lines.credit(chart.deferred_revenue(payment.currency_id), -net - lines.money(further))
        line.net_reversed += net
        line.tax_reversed += tax
        line.save(update_fields=["net_reversed", "tax_reversed"])

    def _post_cash(self, lines: Lines) -> None:
        payment = self.payment
        account, currency = payment.provider_account.code, payment.currency_id
        came = (payment.captured_settled - payment.refunded_settled) - (self._captured - self._refunded)
        lines.credit(chart.cash(account, currency), -came)
        lines.credit(chart.disputed(account, currency), sum(amount for _, amount in self.charged_back))
        lines.credit(chart.suspense(account, currency), payment.suspended - self._suspended)

    def _follow(self) -> None:
        """The order shows what was taken back of it."""
        payment, order = self.payment, self.order
        if not payment.reversed:
            return
        whole = payment.reversed == payment.fulfilled
        status = OrderStatus.REFUNDED if whole else OrderStatus.PARTLY_REFUNDED
        if order.status not in (status, OrderStatus.REFUNDED):
            order.status = status
            order.save(update_fields=["status"])

    def _post(self, lines: Lines, kind: JournalKind, at: datetime | None, actor: User | None) -> None:
        payment = self.payment
        posted = lines.posted(ledger_accounts_open)
        if not posted:
            entries_post(entries=self.entries, actor=actor)
            return
        instant = at or database_now()
        entry = Entry(
            id=uuid7_derived(instant, "payment", str(payment.pk), str(payment.version)),
            kind=kind,
            lines=posted,
            source=("billing_payment", payment.pk),
            description=f"{kind.label} {payment.provider_reference or payment.pk}",
            occurred_at=instant,
        )
        movements_write(self.charged_back, entry.id, instant)
        entries_post(entries=[*self.entries, entry], actor=actor)
