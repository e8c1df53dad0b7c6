"""How payees, destinations and payouts are shown in the back office."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from billing.admin.payment_words import EMPTY
from billing.errors import PayoutRefused
from billing.models.payee import OfPayee
from billing.money import money_text
from performers.admin.links import performer_link, performer_named
from performers.models import PerformerProfile, Studio

SEALED = ("holder_name", "details", "token")
"""What of a destination is fetched by nobody who shows one."""


def payee(row: OfPayee) -> Any:
    """Who is paid, leading to the page of a performer."""
    return performer_link(row.performer) if row.performer_id else str(row.studio or EMPTY)


def without_seals(prefix: str) -> tuple[str, ...]:
    """The sealed columns of a destination that is fetched along, for `defer`."""
    return tuple(f"{prefix}__{name}" for name in SEALED)


def tokens_words(payout: Any) -> str:
    """How many tokens were exchanged, and for what."""
    if not payout.tokens:
        return "none"
    return f"{payout.tokens:,} for {money_text(payout.exchanged, payout.currency_id)}"


class PayeeForm(forms.ModelForm):
    """Names a performer or a studio, exactly one."""

    payee_performer = forms.CharField(
        label="Performer", required=False, max_length=100, help_text="An address (slug), a handle or an id."
    )
    payee_studio = forms.ModelChoiceField(
        label="Studio", queryset=Studio.objects.order_by("name"), required=False, help_text="Or a studio."
    )
    reason = forms.CharField(
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Your colleagues read this in the trail. At least 10 characters.",
    )

    def clean_payee_performer(self) -> Any:
        """The id of the performer; None where nothing was entered."""
        text = self.cleaned_data["payee_performer"].strip()
        if not text:
            return None
        found = performer_named(text)
        if not PerformerProfile.objects.filter(pk=found).exists():
            raise ValidationError("There is no such performer.")
        return found


def payee_of(answers: dict[str, Any]) -> dict[str, Any]:
    """Takes the payee out of what a form says. Raises PayoutRefused unless it is exactly one."""
    performer_id, studio = answers.pop("payee_performer", None), answers.pop("payee_studio", None)
    if (performer_id is None) == (studio is None):
        raise PayoutRefused("Name a performer or a studio, exactly one of the two.")
    return {"performer_id": performer_id, "studio_id": studio.pk if studio else None}
