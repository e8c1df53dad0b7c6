"""Who may do what to invoices, tax documents and the closing of periods; `billing.access` takes it in."""

from billing.ledger_access import LEDGER_STAFF
from billing.payment_policies import PAYMENT_READERS, payment_rights
from core.db.access import AccessDeclaration, Rights, readers
from core.db.roles import Role

DOCUMENT_STATE = ("status",)
INVOICE_STATE = (*DOCUMENT_STATE, "ready_at", "paid_at", "voided_at")
ENTITY_WORDS = ("name", "address", "tax_number", "closed_at")
SHARE_STAFF = (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR)
STATEMENT_MAKERS = (Role.FINANCE, Role.FINANCE_APPROVER)
WRITES_ONCE = Rights(select=True, insert=True)

INVOICE_ACCESS: AccessDeclaration = {
    "billing.LegalEntity": {
        **readers(*PAYMENT_READERS),
        Role.ADMINISTRATOR: Rights(select=True, insert=True, update=ENTITY_WORDS, may=("keep_legalentity",)),
        # Whoever locks a company has a right to change a column of it; this one is kept by a trigger.
        Role.WORKER: Rights(select=True, update=("updated_at",)),
    },
    "billing.InvoiceSeries": readers(*PAYMENT_READERS, Role.WORKER),
    "billing.Invoice": payment_rights(*INVOICE_STATE, own=True),
    "billing.InvoiceLine": {
        **readers(*PAYMENT_READERS, Role.VIEWER, Role.PERFORMER),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.CreditNote": payment_rights(*DOCUMENT_STATE, own=True),
    "billing.CreditNoteLine": {
        **readers(*PAYMENT_READERS, Role.VIEWER, Role.PERFORMER),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.TaxEvidence": {
        **readers(*PAYMENT_READERS, Role.VIEWER, Role.PERFORMER),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.TaxForm": {
        **readers(Role.FINANCE, Role.AUDITOR, Role.PERFORMER),
        Role.FINANCE_APPROVER: Rights(select=True, may=("review_taxform",)),
        Role.COMPLIANCE: Rights(select=True, may=("review_taxform", "reveal_taxform")),
        Role.WORKER: Rights(select=True, insert=True, update=("status", "reason")),
    },
    "billing.TaxStatement": {
        **readers(*SHARE_STAFF, Role.PERFORMER),
        **dict.fromkeys(STATEMENT_MAKERS, Rights(select=True, may=("freeze_taxstatement",))),
        Role.WORKER: WRITES_ONCE,
    },
    "billing.PeriodClosing": {
        **readers(*LEDGER_STAFF),
        Role.WORKER: WRITES_ONCE,
    },
}
