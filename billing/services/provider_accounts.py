"""Accounts at payment providers: opened, given other secrets, closed."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import (
    provider_account_changed,
    provider_account_closed,
    provider_account_opened,
)
from billing.errors import ProviderAccountRefused
from billing.models.provider_account import ProviderAccount
from billing.provider_choices import ProviderKind
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as


@transaction.atomic
def provider_account_open(
    *,
    code: str,
    kind: ProviderKind,
    legal_entity: str,
    currency: str,
    is_live: bool,
    webhook_secrets: list[str],
    api_credentials: str = "",
    actor: User | None,
    reason: str = "",
) -> ProviderAccount:
    """Open an account; its messages come to /webhooks/<code>. Secrets are given by name.

    Raises: ProviderAccountRefused. Announces: `provider_account_opened`.
    """
    with refused_as(ProviderAccountRefused):
        account = ProviderAccount.objects.create(
            code=code,
            kind=kind,
            legal_entity=legal_entity,
            currency_id=currency,
            is_live=is_live,
            webhook_secrets=webhook_secrets,
            api_credentials=api_credentials,
        )
    provider_account_opened.send(sender=ProviderAccount, actor=actor, subject=account, reason=reason)
    return account


@transaction.atomic
def provider_account_change(
    *,
    provider_account_id: UUID,
    webhook_secrets: list[str],
    api_credentials: str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> ProviderAccount:
    """Name other secrets: while one is rolled over, the old and the new one.

    Locks: the account. Raises: ProviderAccountRefused, NotThere, StaleVersion. Announces: `provider_account_changed`.
    """
    account = locked(ProviderAccount, provider_account_id, expected_version=expected_version)
    account.webhook_secrets, account.api_credentials = webhook_secrets, api_credentials
    with refused_as(ProviderAccountRefused):
        account.save(update_fields=["webhook_secrets", "api_credentials"])
    account.refresh_from_db(fields=["version", "updated_at"])
    provider_account_changed.send(
        sender=ProviderAccount,
        actor=actor,
        subject=account,
        reason=reason,
        changed=("webhook_secrets", "api_credentials"),
    )
    return account


@transaction.atomic
def provider_account_close(
    *, provider_account_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ProviderAccount:
    """Let no new payment go through an account. Messages about old ones are still taken in.

    Locks: the account. Raises: ProviderAccountRefused (it is closed), NotThere, StaleVersion. Announces:
    `provider_account_closed`.
    """
    account = locked(ProviderAccount, provider_account_id, expected_version=expected_version)
    if account.closed_at is not None:
        raise ProviderAccountRefused("This account is closed already.")
    account.closed_at = database_now()
    account.save(update_fields=["closed_at"])
    account.refresh_from_db(fields=["version", "updated_at"])
    provider_account_closed.send(
        sender=ProviderAccount, actor=actor, subject=account, reason=reason, changed=("closed_at",)
    )
    return account
