"""Amounts as a provider counts them, which is not always as ISO 4217 does."""

from billing.catalogue_choices import UnifiedDecline
from billing.errors import MoneyRefused
from billing.models.currency import TOKEN
from billing.models.decline_code import DeclineCode
from billing.models.provider_currency import ProviderCurrency
from billing.money import Money, exponent_of


def provider_amount(provider: str, money: Money) -> int:
    """`money` in the provider's minor units, for a charge or a refund: 1.00 MGA is 100 of ours and 1 at Stripe.

    Raises MoneyRefused where it cannot be said exactly there, is no multiple of the provider's step, or lies out of
    the provider's bounds for a charge.
    """
    if money.currency == TOKEN:
        raise MoneyRefused("Tokens are no money: no provider takes them.")
    row, exponent = _row(provider, money.currency)
    ours = exponent_of(money.currency)
    amount, rest = divmod(money.amount * 10**exponent, 10**ours)
    if rest or (row is not None and amount % row.step):
        raise MoneyRefused(
            f"{provider} cannot take exactly {money}: it counts {money.currency} more coarsely."
        )
    if row is not None and row.minimum is not None and amount < row.minimum:
        raise MoneyRefused(
            f"{money} is less than {provider} takes: at least {_ours(row.minimum, row, money.currency)}."
        )
    if row is not None and row.maximum is not None and amount > row.maximum:
        raise MoneyRefused(
            f"{money} is more than {provider} takes: at most {_ours(row.maximum, row, money.currency)}."
        )
    return amount


def money_from_provider(provider: str, amount: int, currency: str) -> Money:
    """What the provider's `amount` is in our minor units; `currency` in either letter case.

    A fact is taken as it is: bounds and steps do not matter. Raises MoneyRefused for an unknown currency, and where the
    provider counts finer than we do and the rest is not zero, which is for a person to look at.
    """
    code = currency.upper()
    _, exponent = _row(provider, code)
    ours = exponent_of(code)
    whole, rest = divmod(amount * 10**ours, 10**exponent)
    if rest:
        raise MoneyRefused(f"{provider} says {amount} {code} in units finer than {code} has.")
    return Money(whole, code)


def decline_unified(provider: str, code: str | None) -> UnifiedDecline:
    """What the provider's decline code means; `other` for one that is not known."""
    found = DeclineCode.objects.filter(provider=provider, code=code or "").values_list("unified", flat=True)
    return UnifiedDecline(found[0]) if found else UnifiedDecline.OTHER


def _row(provider: str, currency: str) -> tuple[ProviderCurrency | None, int]:
    row = ProviderCurrency.objects.filter(provider=provider, currency=currency).first()
    return row, row.exponent if row is not None else exponent_of(currency)


def _ours(amount: int, row: ProviderCurrency, currency: str) -> Money:
    return Money(amount * 10 ** exponent_of(currency) // 10**row.exponent, currency)
