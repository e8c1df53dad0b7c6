"""The payment provider of the demo: the simulator, with a secret of its own."""

import secrets
from pathlib import Path

from django.conf import settings

from billing.models import ProviderAccount
from billing.provider_choices import ProviderKind
from billing.providers.secrets import SecretMissing, secret_of
from billing.services.provider_accounts import provider_account_open
from core.demo import DemoStep, register_step

CODE = "simulator"
SECRET = "simulator_messages"  # noqa: S105  (the name of one)


def load_provider() -> str:
    """An account at the simulator, whose secret is made where there is none."""
    try:
        secret_of(SECRET)
    except SecretMissing:
        path = Path(settings.KEYS_DIRECTORY) / f"{SECRET}.secret"
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="utf-8")
    if ProviderAccount.objects.filter(code=CODE).exists():
        return "there already"
    provider_account_open(
        code=CODE,
        kind=ProviderKind.SIMULATOR,
        legal_entity="VersBottomLex.me (demo)",
        currency="EUR",
        is_live=False,
        webhook_secrets=[SECRET],
        actor=None,
        reason="the demo",
    )
    return "opened"


register_step(DemoStep(37, "A simulated payment provider", load_provider))
