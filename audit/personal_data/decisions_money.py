"""Decisions about the tables of billing."""

from audit.personal_data.declarations import Decision, Given, Nobodys, Way, Withheld
from audit.personal_data.reasons import (
    COMPANY,
    COPY,
    DIGEST,
    FRAUD,
    INNER,
    LAUNDERING,
    OTHERS,
    RAW,
    SECRET,
    STAFF,
)

OWN_ACCOUNTS = "SELECT a.id FROM billing_ledgeraccount a WHERE a.person_id = {person}"
REFERENCE_DATA = (
    "AccountingPeriod",
    "Currency",
    "DeclineCode",
    "GiftItem",
    "PayoutBatch",
    "PeriodClosing",
    "Price",
    "PriceRegion",
    "PriceRegionCountry",
    "Product",
    "Promotion",
    "PromotionCode",
    "ProviderAccount",
    "ProviderCurrency",
    "ReconciliationException",
    "ReconciliationMatch",
    "Reversal",
    "TokenValue",
)
"""Tables in which people appear only as who of the staff acted."""

MONEY: dict[str, Decision] = {
    "analytics.RevenueDay": Withheld(COPY),
    **{f"billing.{name}": Nobodys(STAFF) for name in REFERENCE_DATA},
    "billing.BillingAddress": Given(provided=True),
    "billing.BillingCustomer": Given(),
    "billing.Dispute": Given(withheld={"evidence_sha256": DIGEST}),
    "billing.DisputeEvidence": Given((Way("dispute__user"),)),
    "billing.EarningHold": Given(withheld={"risk_review": FRAUD}),
    "billing.HoldLot": Given((Way("hold__wallet__user"),)),
    "billing.JournalEntry": Given(
        (
            Way(
                f"{{row}}.id IN (SELECT p.entry_id FROM billing_posting p WHERE p.account_id IN ({OWN_ACCOUNTS}))"
            ),
        )
    ),
    "billing.KycCase": Withheld(LAUNDERING),
    "billing.LegalEntity": Nobodys(COMPANY),
    "billing.LotConsumption": Given((Way("lot__wallet__user"),)),
    "billing.Mandate": Given(provided=("payment_method", "reference", "wording", "agreed_at")),
    "billing.Order": Given(
        withheld={"idempotency_key": INNER}, provided=("currency", "total", "country", "paid_at")
    ),
    "billing.OrderLine": Given(provided=("order", "product", "quantity", "total")),
    "billing.Payment": Given(
        shown_secrets=("authorised", "authorised_settled"), provided=("order", "currency", "amount")
    ),
    "billing.PaymentIntent": Given(withheld={"idempotency_key": INNER}),
    "billing.PaymentMethod": Given(
        withheld={"token": SECRET, "fingerprint": SECRET},
        provided=("kind", "brand", "last_four", "expiry_year", "expiry_month"),
    ),
    "billing.Payout": Given(shown_secrets=("token_value",)),
    "billing.PayoutDestination": Given(
        withheld={"token": SECRET}, provided=("kind", "currency", "country", "holder_name", "details")
    ),
    "billing.PrivateShowMinute": Given((Way("private_show__viewer"), Way("private_show__performer"))),
    "billing.ProviderEvent": Withheld(RAW),
    "billing.RiskReview": Withheld(FRAUD),
    "billing.SanctionsScreening": Withheld(LAUNDERING),
    "billing.SettlementFile": Withheld(RAW),
    "billing.SettlementLine": Withheld(RAW),
    "billing.Subscription": Given(
        (
            Way("viewer", provided=("performer", "plan", "currency", "country")),
            Way("giver", withheld={"country": OTHERS, "tax_part": OTHERS}),
            Way("performer", withheld={"country": OTHERS, "tax_part": OTHERS, "credit": OTHERS}),
        )
    ),
    "billing.SubscriptionEvent": Given(
        (
            Way("subscription__viewer"),
            Way("subscription__giver", withheld={"reason": OTHERS}),
            Way("subscription__performer", withheld={"reason": OTHERS}),
        )
    ),
    "billing.SpendReversal": Given(
        (Way("spend__viewer"), Way("spend__performer", withheld={"reason": OTHERS}))
    ),
    "billing.TaxForm": Given(
        (
            Way("signed_by", provided=("kind", "legal_name", "tax_number", "country", "signed_on")),
            Way("performer", provided=("kind", "legal_name", "tax_number", "country", "signed_on")),
        )
    ),
    "billing.TaxStatement": Given(withheld={"content_hash": DIGEST}),
    "billing.TokenHold": Given((Way("wallet__user"),), withheld={"idempotency_key": INNER}),
    "billing.TokenSpend": Given(
        (
            Way("viewer", provided=("performer", "stream", "kind", "tokens", "quantity", "spent_at")),
            Way("performer", withheld={"wallet": OTHERS}),
        ),
        withheld={"idempotency_key": INNER},
    ),
}
