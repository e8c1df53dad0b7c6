"""Plans: what performers offer their subscribers; opened, changed in what may change, and closed."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.catalogue_forms import UNITS, CurrencyField
from billing.admin.payment_words import row_link
from billing.admin.shown import history_of
from billing.admin.token_words import page, rows_of, when
from billing.catalogue_choices import TaxBehaviour
from billing.errors import PlanRefused
from billing.models import Plan, Subscription
from billing.money import money_parse, money_text
from billing.services.plans import MOST_BENEFITS, NewBenefit, plan_change, plan_close, plan_open
from billing.subscription_choices import BenefitKind
from core.admin.actions import ConfirmedAction
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin.links import PerformerFilter, performer_link, performer_named
from performers.models import PerformerProfile

KEEP = "billing.keep_plan"
DAYS = "Days after a failed charge on which another one is tried, rising, as 1, 3, 5, 7. The last one ends the grace."


class DaysField(forms.CharField):
    """Numbers of days with commas between them."""

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value))
        try:
            return [int(part) for part in text.replace(",", " ").split()]
        except ValueError:
            raise ValidationError("Write whole numbers with commas between them.") from None


class AddPlanForm(forms.ModelForm):
    """Everything that a plan says."""

    performer_name = forms.CharField(
        label="Performer", max_length=60, help_text="An address (slug), a handle or an id."
    )
    name = forms.CharField(max_length=120)
    description = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    currency = CurrencyField()
    amount = forms.CharField(max_length=30, help_text=f"{UNITS} What a period costs everywhere.")
    tax_behaviour = forms.ChoiceField(label="Tax", choices=TaxBehaviour.choices)
    benefits = forms.CharField(
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text="One a line, as watch: Everything for subscribers. Kinds: "
        + ", ".join(BenefitKind.values)
        + ".",
    )
    days = DaysField(label="Dunning", initial="1, 3, 5, 7", help_text=DAYS)

    class Meta:
        model = Plan
        fields = ("rank", "interval", "trial_days")

    def clean_performer_name(self) -> Any:
        """The performer's id."""
        return performer_named(self.cleaned_data["performer_name"].strip())

    def clean_benefits(self) -> list[NewBenefit]:
        """Kinds and words."""
        lines = [line for line in self.cleaned_data["benefits"].splitlines() if line.strip()]
        if len(lines) > MOST_BENEFITS:
            raise ValidationError(f"A plan has up to {MOST_BENEFITS} benefits.")
        found = []
        for line in lines:
            kind, colon, words = line.partition(":")
            if not colon or kind.strip() not in BenefitKind.values or not words.strip():
                raise ValidationError(f"Write a kind, a colon and words, and not {line.strip()[:40]!r}.")
            found.append(NewBenefit(kind.strip(), words))
        return found


class ChangePlanForm(forms.Form):
    """What may change of a plan."""

    trial_days = forms.IntegerField(label="Days of trial", min_value=0, max_value=90)
    dunning_days = DaysField(label="Dunning", help_text=DAYS)


@admin.register(Plan, site=backoffice)
class PlanAdmin(AddedByService):
    """Plans of performers: what they cost stands with their product."""

    section = Section.CATALOGUE
    may_add = KEEP
    add_form = AddPlanForm
    list_display = ("product", "of_whom", "rank", "interval", "trial_days", "closed_at")
    list_filter = ("interval", PerformerFilter)
    list_select_related = ("performer", "product")
    fields = (
        "of_whom",
        "product_link",
        "rank",
        "interval",
        "trial_days",
        "dunning",
        "closed_at",
        "created_at",
        "version",
        "id",
    )
    readonly_fields = ("of_whom", "product_link", "dunning")
    panels = (
        Panel(
            "Benefits",
            columns=(("What", "kind"), ("Words", "words")),
            rows=lambda plan: plan.benefits.order_by("position"),
            permission="billing.view_planbenefit",
            limit=MOST_BENEFITS,
            empty="None.",
        ),
        Panel(
            "Prices",
            columns=(
                ("Where", lambda price: price.country or price.region or "everywhere"),
                ("Amount", lambda price: money_text(price.amount, price.currency_id)),
                ("From (UTC)", lambda price: when(price.valid.lower)),
                ("Until (UTC)", lambda price: when(price.valid.upper)),
            ),
            rows=lambda plan: plan.product.prices.select_related("region").order_by("-pk"),
            permission="billing.view_price",
            url=page("price"),
        ),
        Panel(
            "Subscribers",
            columns=(
                ("Who", lambda row: str(row.viewer)),
                ("Status", "status"),
                ("Until (UTC)", lambda row: when(row.renews_at or row.ended_at)),
            ),
            rows=lambda plan: plan.subscriptions.select_related("viewer").order_by("-pk"),
            permission="billing.view_subscription",
            url=page("subscription"),
            all_url=rows_of("subscription", "plan"),
            empty="Nobody yet.",
        ),
        history_of(
            Plan, ("Trial", "trial_days"), ("Dunning", lambda row: ", ".join(map(str, row.dunning_days)))
        ),
    )
    actions = (
        ConfirmedAction(
            "change",
            plan_change,
            KEEP,
            ChangePlanForm,
            words="Change trial and dunning",
            explain=lambda plan: (
                f"Now: {plan.trial_days} days of trial; charges are tried again on the days "
                f"{', '.join(map(str, plan.dunning_days))}. What has begun stays as it is."
            ),
            done="Changed: {obj}.",
        ),
        ConfirmedAction(
            "close",
            plan_close,
            KEEP,
            words="Close",
            explain="Nobody subscribes to it any more. Whoever has it goes on as agreed.",
            done="Closed: {obj}.",
            available=lambda plan: plan.closed_at is None,
        ),
    )

    @admin.display(description="Performer")
    def of_whom(self, plan: Plan) -> Any:
        return performer_link(plan.performer)

    @admin.display(description="Product and prices")
    def product_link(self, plan: Plan) -> Any:
        return row_link(plan.product)

    @admin.display(description="Further attempts on days")
    def dunning(self, plan: Plan) -> str:
        return ", ".join(map(str, plan.dunning_days))

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        """Open the plan. Raises Refused."""
        performer_id = answers["performer_name"]
        if not PerformerProfile.objects.filter(pk=performer_id).exists():
            raise PlanRefused("There is no such performer.")
        return plan_open(
            performer_id=performer_id,
            name=answers["name"],
            description=answers["description"],
            rank=answers["rank"],
            interval=answers["interval"],
            currency=answers["currency"],
            amount=money_parse(answers["amount"], answers["currency"]).amount,
            tax_behaviour=answers["tax_behaviour"],
            trial_days=answers["trial_days"],
            dunning_days=answers["days"],
            benefits=answers["benefits"],
            actor=cast(User, request.user),
            reason="opened in the back office",
        )


backoffice.add_panel(
    PerformerProfile,
    Panel(
        "Plans",
        columns=(
            ("Plan", "product"),
            ("Rank", "rank"),
            ("Interval", "interval"),
            ("Closed (UTC)", lambda row: when(row.closed_at)),
        ),
        rows=lambda performer: performer.plans.select_related("product").order_by("-pk"),
        permission="billing.view_plan",
        limit=5,
        url=page("plan"),
        all_url=rows_of("plan", "performer"),
        empty="None.",
    ),
)
backoffice.add_panel(
    PerformerProfile,
    Panel(
        "Subscribers",
        columns=(
            ("Who", lambda row: str(row.viewer)),
            ("Plan", lambda row: str(row.plan.product)),
            ("Status", "status"),
        ),
        rows=lambda performer: (
            Subscription.objects.filter(performer=performer)
            .select_related("viewer", "plan__product")
            .order_by("-pk")
        ),
        permission="billing.view_subscription",
        limit=5,
        url=page("subscription"),
        all_url=rows_of("subscription", "performer"),
        empty="Nobody yet.",
    ),
)
