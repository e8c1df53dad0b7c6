"""Invoices: drafted with the charge, ready when it is paid, given up with the order. Numbers: `invoice_numbers`."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import invoice_drafted, invoice_voided
from billing.errors import InvoiceRefused, NoSeller
from billing.invoice_choices import CreditCause, InvoiceStatus
from billing.models import Invoice, InvoiceLine, LegalEntity, Order, OrderLine
from billing.payment_choices import OrderStatus
from billing.services.credit_notes import credit_note_write_off
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role

LONGEST_WORDS = 200


@transaction.atomic
def invoice_draft(
    *, order_id: UUID, issued_for: str, due_at: datetime | None = None, actor: User | None = None
) -> Invoice:
    """Draft the invoice of an order, its lines copied from the order's; again, it gives the first one.

    Belongs into the transaction of whoever charges. With `due_at` somebody is asked to pay until then, and it gets its
    number at once; else when it is paid. `issued_for` says what it is for: "Subscription, 1 to 30 November 2026".
    Locks: the order. Raises: NoSeller (no company of ours sells there), InvoiceRefused (cancelled, no words), NotThere.
    Announces: `invoice_drafted`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        order = locked(Order, order_id)
        before = Invoice.objects.filter(order=order).first()
        if before is not None:
            return before
        if order.status == OrderStatus.CANCELLED:
            raise InvoiceRefused("This order is cancelled. Nothing is charged for it.")
        seller = LegalEntity.objects.selling_in(order.country).first()
        if seller is None:
            raise NoSeller(f"No company of ours sells in {order.country}. An administrator adds one first.")
        invoice = Invoice(
            legal_entity=seller,
            order=order,
            user_id=order.user_id,
            issued_for=issued_for.strip(),
            country=order.country,
            currency_id=order.currency_id,
            net=order.net,
            tax=order.tax,
            total=order.total,
            due_at=due_at,
        )
        lines = [_line(invoice, line) for line in order.lines.select_related("product").order_by("position")]
        with refused_as(InvoiceRefused):
            invoice.save(force_insert=True)
            InvoiceLine.objects.bulk_create(lines)
            if due_at is not None:
                _ready(invoice, paid_at=None)
        invoice_drafted.send(
            sender=Invoice,
            actor=actor,
            subject=invoice,
            detail={"order": str(order.pk), "total": invoice.total, "currency": invoice.currency_id},
        )
        return invoice


def _line(invoice: Invoice, line: OrderLine) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice,
        user_id=invoice.user_id,
        order_line=line,
        position=line.position,
        description=line.product.name[:LONGEST_WORDS],
        quantity=line.quantity,
        currency_id=line.currency_id,
        discount=line.discount,
        tax_rate=line.tax_rate,
        tax_jurisdiction=line.tax_jurisdiction,
        net=line.net,
        tax=line.tax,
        total=line.total,
    )


def _ready(invoice: Invoice, *, paid_at: datetime | None) -> None:
    invoice.status, invoice.ready_at, invoice.paid_at = InvoiceStatus.READY, database_now(), paid_at
    invoice.save(update_fields=["status", "ready_at", "paid_at"])


@transaction.atomic
def invoice_settle(*, order_id: UUID, actor: User | None = None) -> Invoice | None:
    """The order is paid: its invoice says so, and waits for its number if it has none. None: there is no invoice.

    Any repetition changes nothing. Locks: the invoice. Raises: InvoiceRefused (a draft that was voided).
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        invoice = Invoice.objects.select_for_update(no_key=True).filter(order_id=order_id).first()
        if invoice is None or invoice.paid_at is not None:
            return invoice
        if invoice.status == InvoiceStatus.VOIDED:
            raise InvoiceRefused("This invoice was voided with its order.")
        with refused_as(InvoiceRefused):
            if invoice.status == InvoiceStatus.DRAFT:
                _ready(invoice, paid_at=database_now())
            else:
                invoice.paid_at = database_now()
                invoice.save(update_fields=["paid_at"])
        return invoice


@transaction.atomic
def invoice_cancel(*, order_id: UUID, actor: User | None, reason: str) -> Invoice | None:
    """Nobody will pay: a draft is voided, and what has a number or waits for one is credited whole.

    None: there is no invoice, or it is paid; a refund credits that. Locks: the invoice. Raises: InvoiceRefused.
    Announces: `invoice_voided`, or `credit_note_written`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        invoice = Invoice.objects.select_for_update(no_key=True).filter(order_id=order_id).first()
        if invoice is None or invoice.paid_at is not None:
            return None
        if invoice.status == InvoiceStatus.DRAFT:
            invoice.status, invoice.voided_at = InvoiceStatus.VOIDED, database_now()
            with refused_as(InvoiceRefused):
                invoice.save(update_fields=["status", "voided_at"])
            invoice_voided.send(
                sender=Invoice, actor=actor, subject=invoice, reason=reason, changed=("status",)
            )
        elif invoice.status != InvoiceStatus.VOIDED:
            credit_note_write_off(invoice=invoice, cause=CreditCause.UNPAID, actor=actor, reason=reason)
        return invoice


def words_of(order: Order) -> str:
    """What an order is for, by the names of its products."""
    names = order.lines.order_by("position").values_list("product__name", flat=True)
    return ", ".join(names)[:LONGEST_WORDS] or "Order"


@transaction.atomic
def invoice_of_paid(*, order_id: UUID, actor: User | None = None) -> Invoice:
    """The invoice of an order that is paid, drafted where whoever charged did not; ready for its number.

    Locks: the order, the invoice. Raises: as `invoice_draft` and `invoice_settle`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        order = locked(Order, order_id)
        invoice_draft(order_id=order_id, issued_for=words_of(order), actor=actor)
        invoice = invoice_settle(order_id=order_id, actor=actor)
    assert invoice is not None  # noqa: S101  (drafted above)
    return invoice
