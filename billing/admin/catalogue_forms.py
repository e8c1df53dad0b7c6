"""What the forms of products, prices and promotions ask for."""

from typing import Any

from django import forms

from billing.catalogue_choices import ProductKind, TaxBehaviour, UnifiedDecline
from billing.models import Product, Promotion

UNITS = "In whole units with a point: 9.99; in yen 500."
UTC = "UTC, as in 2026-12-31 00:00."


class CurrencyField(forms.CharField):
    """A code of ISO 4217, in any letter case."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "Three letters of ISO 4217, such as EUR.")
        super().__init__(max_length=3, **options)

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).upper()


class AddProductForm(forms.ModelForm):
    """A product, with the numbers that its kind needs."""

    paid = forms.IntegerField(label="Paid tokens", required=False, help_text="Of a pack of tokens.")
    bonus = forms.IntegerField(label="Bonus tokens", required=False, help_text="Of a pack; empty: none.")
    tokens = forms.IntegerField(label="Costs (tokens)", required=False, help_text="Of a gift.")

    class Meta:
        model = Product
        fields = ("code", "kind", "name", "description")

    def clean(self) -> dict[str, Any]:
        """Numbers only where the kind has them, and there they must be."""
        answers = super().clean() or {}
        needs = {ProductKind.TOKEN_PACK: ("paid", ("bonus",)), ProductKind.GIFT: ("tokens", ())}
        needed, possible = needs.get(answers.get("kind"), ("", ()))  # type: ignore[arg-type]
        for name in ("paid", "bonus", "tokens"):
            given = answers.get(name) is not None
            if name == needed and not given:
                self.add_error(name, "This kind of product needs it.")
            if given and name not in (needed, *possible):
                self.add_error(name, "This kind of product has none.")
        return answers


class ChangeProductForm(forms.Form):
    """Words of a product, and whether it is offered."""

    name = forms.CharField(max_length=120)
    description = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    is_offered = forms.BooleanField(label="Offered", required=False)


class GiftPriceForm(forms.Form):
    """What a gift costs."""

    tokens = forms.IntegerField(label="Costs (tokens)", min_value=1)


class SetPriceForm(forms.Form):
    """A price: where, how much, from when."""

    country = forms.CharField(
        max_length=2, required=False, help_text="Two letters of ISO 3166-1; empty: see region."
    )
    region = forms.CharField(
        max_length=20, required=False, help_text="Code of a price region, such as EU; both empty: everywhere."
    )
    currency = CurrencyField()
    amount_text = forms.CharField(label="Amount", max_length=40, help_text=UNITS)
    tax_behaviour = forms.ChoiceField(label="Tax", choices=TaxBehaviour.choices)
    since = forms.DateTimeField(label="From", required=False, help_text=f"{UTC} Empty: now.")
    until = forms.DateTimeField(required=False, help_text=f"{UTC} Empty: until it is ended.")
    replaces = forms.BooleanField(
        label="Ends the price before", required=False, help_text="In the same place and currency."
    )

    def clean_country(self) -> str:
        """Small letters are meant as capitals."""
        return str(self.cleaned_data["country"]).strip().upper()


class EndForm(forms.Form):
    """When something ends."""

    at = forms.DateTimeField(label="When", required=False, help_text=f"{UTC} Empty: now.")


class CountryForm(forms.Form):
    """A country of a region."""

    country = forms.CharField(max_length=2, help_text="Two letters of ISO 3166-1, such as PT.")

    def clean_country(self) -> str:
        """Small letters are meant as capitals."""
        return str(self.cleaned_data["country"]).strip().upper()


class AddPromotionForm(forms.ModelForm):
    """A promotion: what it gives, on what, when and how often."""

    value = forms.CharField(
        max_length=40, help_text="Per cent (12.5), an amount off (3.00) or tokens, as the kind says."
    )
    currency_code = CurrencyField(
        label="Currency", required=False, help_text="Of an amount off and of a budget in money; empty: any."
    )
    product_code = forms.CharField(
        label="Product",
        max_length=60,
        required=False,
        help_text="Code of the only product; empty: every one.",
    )
    since = forms.DateTimeField(label="From", required=False, help_text=f"{UTC} Empty: now.")
    until = forms.DateTimeField(required=False, help_text=f"{UTC} Empty: until it is ended.")
    budget_text = forms.CharField(
        label="Budget", max_length=40, required=False, help_text=f"{UNITS} Or tokens. Empty: any amount."
    )
    reason = forms.CharField(min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = Promotion
        fields = ("name", "kind", "limit_total", "limit_per_user")


class ChangePromotionForm(forms.Form):
    """Limits of a promotion, which are never below what was used."""

    name = forms.CharField(max_length=120)
    limit_total = forms.IntegerField(min_value=1, required=False, help_text="Empty: any number.")
    limit_per_user = forms.IntegerField(min_value=1, required=False, help_text="Empty: any number.")
    budget = forms.IntegerField(
        min_value=1, required=False, help_text="In minor units of its currency, or tokens; empty: any amount."
    )


class AddCodeForm(forms.Form):
    """A code of a promotion."""

    code = forms.CharField(max_length=40, help_text="Letters, digits, hyphens; letter case does not count.")
    limit = forms.IntegerField(min_value=1, required=False, help_text="Empty: as often as the promotion.")


class ChangeCodeForm(forms.Form):
    """How often a code may be used, and whether at all."""

    limit = forms.IntegerField(min_value=1, required=False, help_text="Empty: as often as the promotion.")
    is_active = forms.BooleanField(label="Active", required=False)


class WithdrawCurrencyForm(forms.Form):
    """When a currency is no legal tender any more."""

    withdrawn_on = forms.DateField(label="From", required=False, help_text="Empty: it is legal tender.")


class ProviderBoundsForm(forms.Form):
    """Which amounts a provider takes, in its own minor units."""

    step = forms.IntegerField(min_value=1, help_text="Amounts are multiples of it; 1: any.")
    minimum = forms.IntegerField(min_value=1, required=False)
    maximum = forms.IntegerField(min_value=1, required=False)


class DeclineForm(forms.Form):
    """What a decline code means."""

    unified = forms.ChoiceField(label="Means", choices=UnifiedDecline.choices)
    words = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
