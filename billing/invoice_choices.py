"""What the columns of invoices, credit notes and tax documents may hold."""

from django.db.models import TextChoices


class InvoiceStatus(TextChoices):
    """Where an invoice stands."""

    DRAFT = "draft", "Draft: nobody has paid, and nobody is asked to"
    READY = "ready", "Waits for its number"
    ISSUED = "issued", "Issued"
    VOIDED = "voided", "Voided before it had a number"


class CreditNoteStatus(TextChoices):
    """Where a credit note stands."""

    READY = "ready", "Waits for its number"
    ISSUED = "issued", "Issued"


class CreditCause(TextChoices):
    """Why an invoice is credited."""

    REFUND = "refund", "Refund"
    DISPUTE = "dispute", "Dispute lost"
    UNPAID = "unpaid", "Never paid"


class TaxFormKind(TextChoices):
    """Which form says where somebody is taxed."""

    W9 = "w9", "W-9 (US person)"
    W8BEN = "w8ben", "W-8BEN (person outside of the US)"
    W8BEN_E = "w8ben_e", "W-8BEN-E (company outside of the US)"
    SELF_CERTIFICATION = "self_certification", "Self-certification (DAC7)"


EXPIRING_FORMS = (TaxFormKind.W8BEN, TaxFormKind.W8BEN_E)
"""Forms that hold until the end of the third calendar year after the signature (26 CFR 1.1441-1(e)(4)(ii))."""


class TaxFormStatus(TextChoices):
    """Where a tax form stands."""

    SUBMITTED = "submitted", "Waits for a review"
    ACCEPTED = "accepted", "In force"
    REJECTED = "rejected", "Rejected"
    REPLACED = "replaced", "Replaced by a newer one"
    EXPIRED = "expired", "Expired"


class TaxEvidenceKind(TextChoices):
    """Pieces of evidence of where a customer is: Implementing Regulation (EU) 282/2011, article 24f."""

    BILLING_ADDRESS = "billing_address", "Billing address"
    IP_ADDRESS = "ip_address", "Country of the IP address"
    BANK = "bank", "Country of the bank or of the card's issuer"
    SIM = "sim", "Country of the SIM card"
    FIXED_LINE = "fixed_line", "Place of the fixed line"
    OTHER = "other", "Other commercially relevant information"


class EvidenceVerdict(TextChoices):
    """What the evidence of an order comes to."""

    SUFFICIENT = "sufficient", "Two pieces or more name the country that was taxed"
    CONTRADICTORY = "contradictory", "Pieces contradict, and fewer than two name the country that was taxed"
    MISSING = "missing", "Fewer than two pieces"


class StatementKind(TextChoices):
    """Which time a statement is about."""

    MONTH = "month", "Month"
    QUARTER = "quarter", "Quarter"
    YEAR = "year", "Year"
