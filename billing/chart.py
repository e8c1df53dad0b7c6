"""The chart of accounts: which accounts there are, what kind each is, and what keeps it from falling below zero.

A function makes the description of one account; `billing.services.ledger_accounts.ledger_accounts_open` opens it when
it is needed first. Amounts: credit above zero, debit below.
"""

from dataclasses import dataclass
from uuid import UUID

from billing.ledger_choices import AccountType, Guard

TOKEN = "TOKEN"  # noqa: S105  (a unit, no secret)
"""The platform's own unit."""


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """What an account is; the code alone says which."""

    code: str
    type: AccountType
    currency: str
    guard: Guard = Guard.NONE
    person_id: UUID | None = None
    studio_id: UUID | None = None


def cash(provider_account: str, currency: str) -> AccountSpec:
    """Money that a provider holds for us; `provider_account` is our code of the account there."""
    return AccountSpec(f"cash:{provider_account}:{currency}", AccountType.ASSET, currency)


def tax_payable(jurisdiction: str, currency: str) -> AccountSpec:
    """Tax that was collected for a jurisdiction (DE, US-CA) and is owed to it."""
    return AccountSpec(f"tax_payable:{jurisdiction}:{currency}", AccountType.LIABILITY, currency)


def deferred_revenue(currency: str) -> AccountSpec:
    """Net cost of tokens that were paid and are not spent yet."""
    return AccountSpec(f"deferred_revenue:{currency}", AccountType.LIABILITY, currency)


def token_revenue(currency: str) -> AccountSpec:
    """Net cost of paid tokens that were spent."""
    return AccountSpec(f"token_revenue:{currency}", AccountType.REVENUE, currency)


def provider_fees(currency: str) -> AccountSpec:
    """What providers took for their work."""
    return AccountSpec(f"provider_fees:{currency}", AccountType.EXPENSE, currency)


def suspense(provider: str, currency: str) -> AccountSpec:
    """Facts of a provider that fit nothing, until somebody has found out."""
    return AccountSpec(f"suspense:{provider}:{currency}", AccountType.LIABILITY, currency)


def refund_loss(currency: str) -> AccountSpec:
    """Refunds for tokens that were spent already."""
    return AccountSpec(f"refund_loss:{currency}", AccountType.EXPENSE, currency)


def tokens_sold() -> AccountSpec:
    """Tokens that came into the world by being paid for."""
    return AccountSpec(f"tokens_sold:{TOKEN}", AccountType.EQUITY, TOKEN)


def promotion_cost() -> AccountSpec:
    """Tokens that came into the world as a bonus or a promotion."""
    return AccountSpec(f"promotion_cost:{TOKEN}", AccountType.EXPENSE, TOKEN)


def wallet(user_id: UUID) -> AccountSpec:
    """Tokens that a person may spend."""
    return AccountSpec(f"wallet:{user_id}", AccountType.LIABILITY, TOKEN, Guard.RUNNING, person_id=user_id)


def hold(user_id: UUID) -> AccountSpec:
    """Tokens of a person that are set aside for a private show."""
    return AccountSpec(f"hold:{user_id}", AccountType.LIABILITY, TOKEN, Guard.RUNNING, person_id=user_id)


def earnings(performer_id: UUID, currency: str = TOKEN) -> AccountSpec:
    """What a performer earned and was not paid yet. A performer has the id of its person."""
    return AccountSpec(
        f"earnings:{performer_id}:{currency}",
        AccountType.LIABILITY,
        currency,
        Guard.ON_DEBIT,
        person_id=performer_id,
    )


def studio_earnings(studio_id: UUID, currency: str = TOKEN) -> AccountSpec:
    """What a studio earned and was not paid yet."""
    return AccountSpec(
        f"studio_earnings:{studio_id}:{currency}",
        AccountType.LIABILITY,
        currency,
        Guard.ON_DEBIT,
        studio_id=studio_id,
    )


def platform_share(currency: str = TOKEN) -> AccountSpec:
    """What the platform keeps of what is spent."""
    return AccountSpec(f"platform_share:{currency}", AccountType.REVENUE, currency)


def receivable(performer_id: UUID, currency: str = TOKEN) -> AccountSpec:
    """What a performer owes: refunds of what was paid out or exchanged already."""
    return AccountSpec(
        f"receivable:{performer_id}:{currency}", AccountType.ASSET, currency, person_id=performer_id
    )


def disputed(provider_account: str, currency: str) -> AccountSpec:
    """What a provider took back for disputes, until it is known whose it is."""
    return AccountSpec(f"disputed:{provider_account}:{currency}", AccountType.ASSET, currency)


def dispute_fees(currency: str) -> AccountSpec:
    """What providers keep for disputes, won or lost."""
    return AccountSpec(f"dispute_fees:{currency}", AccountType.EXPENSE, currency)


def exchange_clearing(currency: str = TOKEN) -> AccountSpec:
    """The two sides of exchanges, each in its own unit."""
    return AccountSpec(f"exchange_clearing:{currency}", AccountType.EQUITY, currency)


def owed_by_studio(studio_id: UUID, currency: str = TOKEN) -> AccountSpec:
    """What a studio owes, as `receivable` of performers."""
    return AccountSpec(f"receivable:{studio_id}:{currency}", AccountType.ASSET, currency, studio_id=studio_id)


def payout_reserve(performer_id: UUID, currency: str) -> AccountSpec:
    """What is on its way to a performer: no longer hers to spend, and not gone yet."""
    return AccountSpec(
        f"payout_reserve:{performer_id}:{currency}",
        AccountType.LIABILITY,
        currency,
        Guard.ON_DEBIT,
        person_id=performer_id,
    )


def studio_payout_reserve(studio_id: UUID, currency: str) -> AccountSpec:
    """What is on its way to a studio."""
    return AccountSpec(
        f"payout_reserve:{studio_id}:{currency}",
        AccountType.LIABILITY,
        currency,
        Guard.ON_DEBIT,
        studio_id=studio_id,
    )


def debts_charged(currency: str) -> AccountSpec:
    """What performers and studios were charged, such as fees that disputes cost."""
    return AccountSpec(f"debts_charged:{currency}", AccountType.REVENUE, currency)


def debts_written_off(currency: str) -> AccountSpec:
    """What performers and studios owed and will not pay."""
    return AccountSpec(f"debts_written_off:{currency}", AccountType.EXPENSE, currency)


def bank(provider_account: str, currency: str) -> AccountSpec:
    """Money in our bank account, as far as it came there from the provider whose account this is."""
    return AccountSpec(f"bank:{provider_account}:{currency}", AccountType.ASSET, currency)
