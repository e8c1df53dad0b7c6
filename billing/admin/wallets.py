"""Wallets: what is in them, what it consists of, and what went out."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin

from accounts.admin.filters import PersonFilter
from accounts.admin.links import person_link
from accounts.models import User
from billing.admin.token_words import cost, page, rows_of, tokens, when
from billing.burning import whole_tokens
from billing.models import TokenLot, Wallet
from billing.services.wallets import tokens_grant, tokens_of
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.locking import NotThere
from performers.models import PerformerProfile

SPENDS = (
    ("What", "kind"),
    ("Tokens", lambda row: tokens(row.tokens)),
    ("On whom", lambda row: str(row.performer)),
    ("When (UTC)", lambda row: when(row.spent_at)),
    ("Taken back", lambda row: "yes" if hasattr(row, "reversal") else ""),
)


class GrantForm(forms.Form):
    """How many tokens, and until when they are good."""

    tokens = forms.IntegerField(label="Tokens", min_value=1)
    good_until = forms.DateField(
        label="Good until", required=False, help_text="The last day (UTC). Empty: for ever."
    )


def wallet_grant(
    *, wallet_id: UUID, tokens: int, good_until: date | None, actor: User, reason: str
) -> TokenLot:
    """`tokens_grant` for the owner of a wallet, until the end of a day."""
    user_id = Wallet.objects.filter(pk=wallet_id).values_list("user_id", flat=True).first()
    if user_id is None:
        raise NotThere("There is no such wallet.")
    ends = datetime.combine(good_until, time.max, tzinfo=UTC) if good_until else None
    return tokens_grant(
        user_id=user_id, tokens=whole_tokens(tokens), expires_at=ends, actor=actor, reason=reason
    )


WALLET_PANELS = (
    Panel(
        "Lots",
        columns=(
            ("Kind", "kind"),
            ("Came", lambda row: tokens(row.quantity)),
            ("Left", lambda row: tokens(row.remaining)),
            ("Withdrawn", lambda row: tokens(row.withdrawn)),
            ("Cost", lambda row: cost(row.cost, row.currency_id)),
            ("Cost of what is left", lambda row: cost(row.cost_remaining, row.currency_id)),
            ("Good until (UTC)", lambda row: when(row.expires_at)),
        ),
        rows=lambda wallet: wallet.lots.order_by("-pk"),
        permission="billing.view_tokenlot",
        empty="No tokens ever came.",
    ),
    Panel(
        "Spends",
        columns=SPENDS,
        rows=lambda wallet: wallet.user.token_spends.select_related("performer", "reversal").order_by("-pk"),
        permission="billing.view_tokenspend",
        url=page("tokenspend"),
        all_url=rows_of("tokenspend", "viewer", lambda wallet: wallet.user_id),
        empty="Nothing was spent yet.",
    ),
    Panel(
        "Set aside",
        columns=(
            ("Tokens", lambda row: tokens(row.tokens)),
            ("Spent", lambda row: tokens(row.captured)),
            ("Returned", lambda row: tokens(row.returned)),
            ("Since (UTC)", lambda row: when(row.created_at)),
        ),
        rows=lambda wallet: wallet.holds.order_by("-pk"),
        permission="billing.view_tokenhold",
        limit=5,
        empty="Nothing was set aside.",
    ),
)


@admin.register(Wallet, site=backoffice)
class WalletAdmin(ReadOnlyAdmin):
    """A person's tokens: balance, lots, spends, what is set aside, and the accounts of the ledger behind them."""

    section = Section.FINANCE
    list_display = ("owner", "booked", "set_aside", "created_at")
    list_filter = (PersonFilter, TimeFilter)
    list_select_related = ("user", "account__balance", "hold_account__balance")
    fields = ("owner", "spendable", "booked", "set_aside", "account", "hold_account", "created_at", "id")
    readonly_fields = ("owner", "spendable", "booked", "set_aside")
    panels = WALLET_PANELS
    actions = (
        ConfirmedAction(
            "grant",
            wallet_grant,
            permission="billing.grant_tokens",
            form=GrantForm,
            words="Grant promotional tokens",
            explain="They can be spent at once, at the platform's cost. They are not taken back, except by expiry.",
            done="Granted into: {obj}.",
        ),
    )

    @admin.display(description="Person")
    def owner(self, wallet: Wallet) -> Any:
        return person_link(wallet.user)

    @admin.display(description="Can be spent now")
    def spendable(self, wallet: Wallet) -> str:
        return tokens(tokens_of(user_id=wallet.user_id))

    @admin.display(description="Balance in the ledger")
    def booked(self, wallet: Wallet) -> str:
        return tokens(wallet.account.balance.amount)

    @admin.display(description="Set aside")
    def set_aside(self, wallet: Wallet) -> str:
        return tokens(wallet.hold_account.balance.amount)


backoffice.add_panel(
    User,
    Panel(
        "Tokens",
        columns=(
            ("Can be spent", lambda wallet: tokens(wallet.account.balance.amount)),
            ("Set aside", lambda wallet: tokens(wallet.hold_account.balance.amount)),
            ("Since (UTC)", lambda wallet: when(wallet.created_at)),
        ),
        rows=lambda user: Wallet.objects.filter(user=user).select_related(
            "account__balance", "hold_account__balance"
        ),
        permission="billing.view_wallet",
        url=page("wallet"),
        empty="No tokens ever came.",
    ),
)
backoffice.add_panel(
    PerformerProfile,
    Panel(
        "Spent on her",
        columns=(
            ("What", "kind"),
            ("Tokens", lambda row: tokens(row.tokens)),
            ("By whom", lambda row: str(row.viewer)),
            ("When (UTC)", lambda row: when(row.spent_at)),
        ),
        rows=lambda performer: performer.token_spends.select_related("viewer").order_by("-pk"),
        permission="billing.view_tokenspend",
        limit=5,
        url=page("tokenspend"),
        all_url=rows_of("tokenspend", "performer"),
        empty="Nothing yet.",
    ),
)
