"""Amounts as a provider counts them, in our minor units and back; always exactly."""

from collections.abc import Callable
from dataclasses import dataclass

from billing.models.currency import Currency
from billing.models.provider_currency import ProviderCurrency
from billing.providers.port import NeverSent, Unreadable
from core.db.context import acting
from core.db.roles import Role


@dataclass(frozen=True, slots=True)
class Exponents:
    """Decimal places of one currency: in our books, and in messages of the provider."""

    ours: int
    theirs: int
    step: int = 1
    """Amounts are multiples of so many of the provider's minor units."""


ExponentsOf = Callable[[str], Exponents | None]
"""From a code of ISO 4217 to its decimal places; None for a currency that we do not have."""


def exponents_of(provider: str) -> ExponentsOf:
    """The exponents of a provider, as reference data has them; ours where it says nothing else."""

    def find(currency: str) -> Exponents | None:
        with acting(Role.WORKER):
            ours = Currency.objects.filter(code=currency).values_list("exponent", flat=True).first()
            theirs = ProviderCurrency.objects.filter(provider=provider, currency=currency).first()
        if ours is None:
            return None
        return Exponents(ours, ours) if theirs is None else Exponents(ours, theirs.exponent, theirs.step)

    return find


def to_ours(amount: int, exponents: Exponents) -> int:
    """Our minor units. Raises Unreadable where the provider reports a fraction of one."""
    shift = exponents.ours - exponents.theirs
    if shift >= 0:
        return int(amount * 10**shift)
    whole, rest = divmod(amount, 10**-shift)
    if rest:
        raise Unreadable("The amount is no whole number of our minor units.")
    return int(whole)


def to_theirs(amount: int, exponents: Exponents) -> int:
    """The provider's minor units. Raises NeverSent where it does not count in parts so small."""
    shift = exponents.theirs - exponents.ours
    whole, rest = (amount * 10**shift, 0) if shift >= 0 else divmod(amount, 10**-shift)
    if rest or whole % exponents.step:
        raise NeverSent(
            "amount_unfit", "The provider does not count in parts so small: round the amount first."
        )
    return int(whole)
