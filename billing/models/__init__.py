"""The ledger, the catalogue and the money."""

from billing.models.accounting_period import AccountingPeriod
from billing.models.approval_request import ApprovalRequest, StaffLimit
from billing.models.billing_customer import BillingAddress, BillingCustomer, Mandate
from billing.models.credit_note import CreditNote, CreditNoteLine
from billing.models.currency import Currency
from billing.models.debt import Debt, ReserveHold
from billing.models.decline_code import DeclineCode
from billing.models.dispute import Dispute, DisputeEvent
from billing.models.dispute_evidence import DisputeEvidence
from billing.models.dispute_movement import DisputeMovement
from billing.models.dunning_attempt import DunningAttempt
from billing.models.earning_hold import EarningHold
from billing.models.entitlement import Entitlement
from billing.models.exchange_rate import ExchangeRate
from billing.models.idempotency_record import IdempotencyRecord
from billing.models.invoice import Invoice
from billing.models.invoice_line import InvoiceLine
from billing.models.journal_entry import JournalEntry, Reversal
from billing.models.kyc_case import KycCase
from billing.models.ledger_account import LedgerAccount
from billing.models.ledger_balance import LedgerBalance, LedgerEpoch
from billing.models.ledger_views import AccountStatementLine, JournalLine, LedgerProof, TrialBalanceLine
from billing.models.legal_entity import InvoiceSeries, LegalEntity
from billing.models.order import Order, OrderLine
from billing.models.payment import Payment, PaymentEvent
from billing.models.payment_intent import PaymentAttempt, PaymentIntent
from billing.models.payment_method import PaymentMethod, PaymentMethodVerification
from billing.models.payout import Payout
from billing.models.payout_batch import PayoutBatch
from billing.models.payout_destination import PayoutDestination
from billing.models.payout_item import PayoutEvent, PayoutItem, PayoutReturn
from billing.models.period_closing import PeriodClosing
from billing.models.plan import Plan, PlanBenefit
from billing.models.posting import Posting
from billing.models.price import Price, PriceRegion, PriceRegionCountry
from billing.models.price_tier import PriceTier
from billing.models.private_show_minute import PrivateShowMinute
from billing.models.product import GiftItem, Product, TokenPack
from billing.models.promotion import Promotion, PromotionCode
from billing.models.promotion_redemption import PromotionRedemption
from billing.models.provider_account import ProviderAccount
from billing.models.provider_call import ProviderCall
from billing.models.provider_currency import ProviderCurrency
from billing.models.provider_event import ProviderEvent, ProviderEventKey
from billing.models.reconciliation_exception import ReconciliationException
from billing.models.reconciliation_match import ReconciliationMatch
from billing.models.refund import Refund
from billing.models.revenue_share_rule import RevenueShareRule
from billing.models.revenue_split import Earning, RevenueSplit, RevenueSplitLine
from billing.models.risk_review import RiskReview
from billing.models.sanctions_screening import SanctionsScreening
from billing.models.settlement_file import SettlementFile
from billing.models.settlement_line import SettlementLine
from billing.models.simulated_charge import SimulatedCharge, SimulatedEvent
from billing.models.subscription import Subscription
from billing.models.subscription_event import SubscriptionEvent
from billing.models.subscription_period import SubscriptionPeriod
from billing.models.tax_evidence import TaxEvidence
from billing.models.tax_form import TaxForm
from billing.models.tax_rate import TaxRate
from billing.models.tax_statement import TaxStatement
from billing.models.ticket_offer import TicketOffer
from billing.models.token_hold import HoldLot, TokenHold
from billing.models.token_lot import TokenLot
from billing.models.token_spend import LotConsumption, SpendReversal, TokenSpend
from billing.models.token_value import TokenValue
from billing.models.wallet import Wallet
from billing.models.wallet_proof import WalletProof

__all__ = [
    "AccountStatementLine",
    "AccountingPeriod",
    "ApprovalRequest",
    "BillingAddress",
    "BillingCustomer",
    "CreditNote",
    "CreditNoteLine",
    "Currency",
    "Debt",
    "DeclineCode",
    "Dispute",
    "DisputeEvent",
    "DisputeEvidence",
    "DisputeMovement",
    "DunningAttempt",
    "Earning",
    "EarningHold",
    "Entitlement",
    "ExchangeRate",
    "GiftItem",
    "HoldLot",
    "IdempotencyRecord",
    "Invoice",
    "InvoiceLine",
    "InvoiceSeries",
    "JournalEntry",
    "JournalLine",
    "KycCase",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerEpoch",
    "LedgerProof",
    "LegalEntity",
    "LotConsumption",
    "Mandate",
    "Order",
    "OrderLine",
    "Payment",
    "PaymentAttempt",
    "PaymentEvent",
    "PaymentIntent",
    "PaymentMethod",
    "PaymentMethodVerification",
    "Payout",
    "PayoutBatch",
    "PayoutDestination",
    "PayoutEvent",
    "PayoutItem",
    "PayoutReturn",
    "PeriodClosing",
    "Plan",
    "PlanBenefit",
    "Posting",
    "Price",
    "PriceRegion",
    "PriceRegionCountry",
    "PriceTier",
    "PrivateShowMinute",
    "Product",
    "Promotion",
    "PromotionCode",
    "PromotionRedemption",
    "ProviderAccount",
    "ProviderCall",
    "ProviderCurrency",
    "ProviderEvent",
    "ProviderEventKey",
    "ReconciliationException",
    "ReconciliationMatch",
    "Refund",
    "ReserveHold",
    "RevenueShareRule",
    "RevenueSplit",
    "RevenueSplitLine",
    "Reversal",
    "RiskReview",
    "SanctionsScreening",
    "SettlementFile",
    "SettlementLine",
    "SimulatedCharge",
    "SimulatedEvent",
    "SpendReversal",
    "StaffLimit",
    "Subscription",
    "SubscriptionEvent",
    "SubscriptionPeriod",
    "TaxEvidence",
    "TaxForm",
    "TaxRate",
    "TaxStatement",
    "TicketOffer",
    "TokenHold",
    "TokenLot",
    "TokenPack",
    "TokenSpend",
    "TokenValue",
    "TrialBalanceLine",
    "Wallet",
    "WalletProof",
]
