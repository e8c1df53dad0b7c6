"""What the services of this app refuse."""

from core.errors import Refused


class ApprovalRefused(Refused):
    """The request cannot be decided like this, or by whoever asks."""

    code = "approval_refused"


class CallRefused(Refused):
    """A call to a provider that cannot be made as it was asked for."""

    code = "call_refused"


class EventRefused(Refused):
    """A message of a provider that cannot be taken or processed as it was asked for."""

    code = "event_refused"


class ExceptionRefused(Refused):
    """An exception of reconciliation that cannot be raised, taken or resolved so."""

    code = "exception_refused"


class ExchangeRefused(Refused):
    """A rate that cannot be, or a conversion that makes no sense."""

    code = "exchange_refused"


class JournalRefused(Refused):
    """An entry or account that the ledger does not take."""

    code = "journal_refused"


class KeyReused(Refused):
    """The idempotency key was used before, with other arguments."""

    code = "key_reused"


class LimitRefused(Refused):
    """The limit of staff cannot be set like this."""

    code = "limit_refused"


class MoneyRefused(Refused):
    """An amount that nobody can mean: no number, zero, too large, or in a unit that does not exist."""

    code = "money_refused"


class OrderRefused(Refused):
    """The order cannot be placed or changed like this."""

    code = "order_refused"


class PaymentMethodRefused(Refused):
    """The payment method cannot be kept or used like this."""

    code = "payment_method_refused"


class PaymentRefused(Refused):
    """The payment breaks a rule, or is not in the state that this needs."""

    code = "payment_refused"


class PaymentUnknown(Refused):
    """A provider reports something about a payment that we do not have."""

    code = "payment_unknown"


class PriceRefused(Refused):
    """The price breaks a rule: it overlaps another one, was sold, or is no price at all."""

    code = "price_refused"


class ProductRefused(Refused):
    """The product breaks a rule of the catalogue."""

    code = "product_refused"


class PromotionRefused(Refused):
    """The promotion breaks a rule, is over, used up, or not for this purchase."""

    code = "promotion_refused"


class ProviderAccountRefused(Refused):
    """An account at a provider that cannot be kept so."""

    code = "provider_account_refused"


class ReferenceRefused(Refused):
    """A change of currencies, of what providers make of them, or of decline codes that breaks a rule."""

    code = "reference_refused"


class RefundRefused(Refused):
    """The refund breaks a rule, or is more than can be refunded."""

    code = "refund_refused"


class TaxRefused(Refused):
    """A rate of tax that cannot be, or a place that does not exist."""

    code = "tax_refused"


class CodeUnknown(PromotionRefused):
    """There is no such promotion code."""

    code = "code_unknown"


class ExchangeGap(ExchangeRefused):
    """No rate is known for this pair at that instant."""

    code = "exchange_gap"


class NotCovered(JournalRefused):
    """An account does not hold what would be taken from it."""

    code = "not_covered"


class OtherBody(JournalRefused):
    """The key of an entry was used before, for something else."""

    code = "other_body"


class PeriodRefused(JournalRefused):
    """An accounting period that takes no such entry, or cannot be closed or opened now."""

    code = "period_refused"


class PriceGap(PriceRefused):
    """No price, or more than one, holds for this product in this country at this instant."""

    code = "price_gap"


class TaxGap(TaxRefused):
    """No rate of tax is known in that place at that instant."""

    code = "tax_gap"


class TokensRefused(Refused):
    """An amount of tokens that makes no sense, or a key that was used for something else."""

    code = "tokens_refused"


class TooFewTokens(TokensRefused):
    """The wallet does not hold as many tokens as this costs."""

    code = "too_few_tokens"


class SpendRefused(Refused):
    """Tokens cannot be spent like this: on whom, by whom, or on what."""

    code = "spend_refused"


class SoldOut(SpendRefused):
    """There is no ticket left, or none is sold any more."""

    code = "sold_out"


class ReversalRefused(Refused):
    """The spend cannot be taken back."""

    code = "reversal_refused"


class HoldRefused(Refused):
    """Tokens cannot be set aside, captured or returned like this."""

    code = "hold_refused"


class RevenueShareRefused(Refused):
    """The share breaks a rule, or none is in force."""

    code = "revenue_share_refused"


class EntitlementRefused(Refused):
    """The entitlement breaks a rule, or has ended."""

    code = "entitlement_refused"


class TicketOfferRefused(Refused):
    """The offer of tickets breaks a rule."""

    code = "ticket_offer_refused"


class PayoutRefused(Refused):
    """The payout or batch cannot be prepared, submitted, approved or sent like this."""

    code = "payout_refused"


class PayoutDestinationRefused(Refused):
    """The destination breaks a rule, or cannot be used or changed like this."""

    code = "payout_destination_refused"


class DebtRefused(Refused):
    """The debt or reserve breaks a rule."""

    code = "debt_refused"


class DisputeRefused(Refused):
    """The dispute cannot be answered like this, or says something that cannot be kept."""

    code = "dispute_refused"


class EvidenceRefused(DisputeRefused):
    """Evidence is too late, submitted already, or says nothing."""

    code = "evidence_refused"


class EarningHoldRefused(Refused):
    """The earning cannot be held, or let go of, like this."""

    code = "earning_hold_refused"


class RiskReviewRefused(Refused):
    """The review is decided already, or about oneself."""

    code = "risk_review_refused"


class SettlementFileRefused(Refused):
    """A settlement file that cannot be read, was taken already, or is too large."""

    code = "settlement_file_refused"


class MatchRefused(Refused):
    """A line of a settlement file that cannot be matched so."""

    code = "match_refused"


class ScreeningRefused(Refused):
    """A screening that cannot be recorded or decided so."""

    code = "screening_refused"


class KycCaseRefused(Refused):
    """An identity case that cannot be opened, taken or decided so."""

    code = "kyc_case_refused"


class PlanRefused(Refused):
    """The plan breaks a rule, or is no longer offered."""

    code = "plan_refused"


class SubscriptionRefused(Refused):
    """The subscription cannot be begun, changed, renewed or ended like this."""

    code = "subscription_refused"


class CloseRefused(PeriodRefused):
    """The period cannot be closed: something on its check-list is in the way."""

    code = "close_refused"


class InvoiceRefused(Refused):
    """The invoice or credit note cannot be written or changed like this."""

    code = "invoice_refused"


class LegalEntityRefused(Refused):
    """The company cannot be kept like this."""

    code = "legal_entity_refused"


class NoSeller(InvoiceRefused):
    """No company of ours sells in this country."""

    code = "no_seller"


class StatementRefused(Refused):
    """The statement cannot be made or amended like this."""

    code = "statement_refused"


class TaxEvidenceRefused(Refused):
    """The evidence cannot be recorded like this."""

    code = "tax_evidence_refused"


class TaxFormRefused(Refused):
    """The tax form cannot be submitted or reviewed like this."""

    code = "tax_form_refused"
