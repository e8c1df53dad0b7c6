"""Which adapter speaks for an account."""

from collections.abc import Callable

from billing.models.provider_account import ProviderAccount
from billing.provider_choices import ProviderKind
from billing.providers.amounts import exponents_of
from billing.providers.port import Provider
from billing.providers.simulator import Simulator
from billing.providers.stripe import Stripe
from billing.providers.transport import http_send

Adapter = Callable[[ProviderAccount], Provider]


def _stripe(account: ProviderAccount) -> Provider:
    return Stripe(
        code=account.code,
        webhook_secrets=tuple(account.webhook_secrets),
        api_credentials=account.api_credentials,
        exponents=exponents_of(account.kind),
        send=http_send,
    )


def _simulator(account: ProviderAccount) -> Provider:
    return Simulator(account)


_adapters: dict[ProviderKind, Adapter] = {
    ProviderKind.SIMULATOR: _simulator,
    ProviderKind.STRIPE: _stripe,
}


def register_adapter(kind: ProviderKind, adapter: Adapter) -> None:
    """Let another adapter speak for accounts of a kind."""
    _adapters[kind] = adapter


def provider_of(account: ProviderAccount) -> Provider:
    """The account as the platform speaks to it."""
    return _adapters[ProviderKind(account.kind)](account)
