"""The form by which settlement files are uploaded."""

from django import forms

from billing.errors import SettlementFileRefused
from billing.models import SettlementFile
from billing.models.settlement_file import LARGEST_FILE
from billing.money import money_parse

BALANCE_HELP = "As 1234.50. For reports that name no balances, from the provider's summary; else empty."


class UploadForm(forms.ModelForm):
    """What is uploaded, and of which account."""

    file = forms.FileField(
        label="File", help_text=f"CSV or camt.053 in UTF-8, at most {LARGEST_FILE // 1024 // 1024} MB."
    )
    currency_code = forms.CharField(label="Currency of the balances below", max_length=5, required=False)
    opening_text = forms.CharField(
        label="Opening balance", max_length=30, required=False, help_text=BALANCE_HELP
    )
    closing_text = forms.CharField(
        label="Closing balance", max_length=30, required=False, help_text=BALANCE_HELP
    )

    class Meta:
        model = SettlementFile
        fields = ("provider_account", "kind")

    def _post_clean(self) -> None:
        """The service checks the row; the form has no more than what is uploaded."""


def money_of(text: str, currency: str) -> int | None:
    """An amount of the form in minor units; None where it is empty. Raises SettlementFileRefused, MoneyRefused."""
    if not text.strip():
        return None
    if not currency.strip():
        raise SettlementFileRefused("Balances are in a currency: name it.")
    return money_parse(text, currency.strip()).amount
