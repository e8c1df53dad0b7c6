"""What the services of this app refuse."""

from core.errors import Refused


class MoneyRefused(Refused):
    """An amount that nobody can mean: no number, zero, too large, or in a unit that does not exist."""

    code = "money_refused"


class ProductRefused(Refused):
    """The product breaks a rule of the catalogue."""

    code = "product_refused"


class PriceRefused(Refused):
    """The price breaks a rule: it overlaps another one, was sold, or is no price at all."""

    code = "price_refused"


class PriceGap(PriceRefused):
    """No price, or more than one, holds for this product in this country at this instant."""

    code = "price_gap"


class JournalRefused(Refused):
    """An entry or account that the ledger does not take."""

    code = "journal_refused"


class NotCovered(JournalRefused):
    """An account does not hold what would be taken from it."""

    code = "not_covered"


class OtherBody(JournalRefused):
    """The key of an entry was used before, for something else."""

    code = "other_body"


class PeriodRefused(JournalRefused):
    """An accounting period that takes no such entry, or cannot be closed or opened now."""

    code = "period_refused"


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
