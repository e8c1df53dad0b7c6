"""Promotions, their codes and who used them."""

from decimal import Decimal, InvalidOperation
from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.filters import InForceFilter, PersonFilter
from accounts.admin.links import period, person_link
from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.catalogue_forms import (
    AddCodeForm,
    AddPromotionForm,
    ChangeCodeForm,
    ChangePromotionForm,
    EndForm,
)
from billing.admin.shown import history_of, money_or_dash
from billing.catalogue_choices import PromotionKind
from billing.errors import PromotionRefused
from billing.models import Product, Promotion, PromotionCode, PromotionRedemption
from billing.models.currency import TOKEN
from billing.money import money_parse
from billing.services.promotions import (
    promotion_change,
    promotion_code_add,
    promotion_code_change,
    promotion_create,
    promotion_end,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.clock import database_now

KEEP = "billing.keep_promotion"


def typed_value(kind: str, text: str, currency: str | None) -> int:
    """What a promotion gives, as somebody typed it. Raises PromotionRefused or MoneyRefused."""
    if kind == PromotionKind.PERCENTAGE:
        try:
            points = Decimal(text.strip()) * 100
        except InvalidOperation:
            raise PromotionRefused(f"{text[:20]!r} is no number of per cent, such as 12.5.") from None
        if not points.is_finite() or points != points.to_integral_value():
            raise PromotionRefused("Per cent have at most two decimal places.")
        return int(points)
    if kind == PromotionKind.AMOUNT_OFF and currency is None:
        raise PromotionRefused("An amount off is in a currency: name it.")
    return money_parse(text, TOKEN if kind == PromotionKind.BONUS_TOKENS else str(currency)).amount


def gives(promotion: Promotion) -> str:
    """What it gives, in words."""
    if promotion.kind == PromotionKind.PERCENTAGE:
        return f"{Decimal(promotion.basis_points or 0) / 100:f} % off"
    if promotion.kind == PromotionKind.AMOUNT_OFF:
        return f"{money_or_dash(promotion.amount_off, promotion.currency_id)} off"
    return f"{promotion.bonus_tokens:,} tokens on top"


CODES = Panel(
    title="Codes",
    columns=(
        ("Code", "code"),
        ("Used", "used"),
        ("Limit", lambda code: code.limit_total or "–"),
        ("Active", "is_active"),
    ),
    rows=lambda promotion: promotion.codes.order_by("-pk"),
    permission="billing.view_promotioncode",
    url=lambda code: reverse("admin:billing_promotioncode_change", args=[code.pk]),
    all_url=lambda promotion: (
        reverse("admin:billing_promotioncode_changelist") + f"?promotion={promotion.pk}"
    ),
    empty="No code: nobody can use it.",
)


@admin.register(Promotion, site=backoffice)
class PromotionAdmin(AddedByService):
    """What buyers get on top or pay less."""

    section = Section.CATALOGUE
    may_add = KEEP
    add_form = AddPromotionForm
    list_display = ("name", "gives", "period", "used", "limit_total", "cost")
    list_filter = (InForceFilter, "kind", TimeFilter)
    search_fields = ("codes__code__exact",)
    search_help_text = "A whole code in any letter case, or an id."
    fields = (
        "name",
        "gives",
        "product",
        "currency",
        "period",
        "limit_total",
        "limit_per_user",
        "used",
        "cost",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("gives", "period", "cost")
    panels = (
        CODES,
        history_of(
            Promotion,
            ("Name", "name"),
            ("Limit", "limit_total"),
            ("Per person", "limit_per_user"),
            ("Budget", "budget"),
            ("Period (UTC)", lambda row: period(row.valid)),
        ),
    )
    actions = (
        ConfirmedAction(
            "add-code",
            promotion_code_add,
            KEEP,
            AddCodeForm,
            words="Add a code",
            explain="Whoever knows the code can use it while the promotion holds.",
            done="The code is added.",
        ),
        ConfirmedAction(
            "change",
            promotion_change,
            KEEP,
            ChangePromotionForm,
            words="Change name and limits",
            explain=lambda promotion: (
                f"Used {promotion.used:,} times. What it gives stays: {gives(promotion)}."
            ),
            done="The promotion is changed.",
        ),
        ConfirmedAction(
            "end",
            promotion_end,
            KEEP,
            EndForm,
            words="End",
            explain="Nobody reserves it afterwards; what is reserved can still be paid.",
            done="The promotion ends.",
            available=lambda promotion: (
                promotion.valid.upper is None or promotion.valid.upper > database_now()
            ),
        ),
    )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """The promotion of a code in whatever letter case, by the unique index of codes."""
        if _is_id(search_term):
            return super().get_search_results(request, queryset, search_term)
        codes = PromotionCode.objects.called(search_term).values("promotion")
        return (queryset.filter(pk__in=codes) if search_term.strip() else queryset), False

    @admin.display(description="Gives")
    def gives(self, promotion: Promotion) -> str:
        return gives(promotion)

    @admin.display(description="Period (UTC)")
    def period(self, promotion: Promotion) -> str:
        return period(promotion.valid)

    @admin.display(description="Cost of budget")
    def cost(self, promotion: Promotion) -> str:
        unit = TOKEN if promotion.kind == PromotionKind.BONUS_TOKENS else promotion.currency_id
        if promotion.budget is None:
            return money_or_dash(promotion.spent, unit)
        return f"{money_or_dash(promotion.spent, unit)} of {money_or_dash(promotion.budget, unit)}"

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        kind, currency = answers["kind"], answers["currency_code"] or None
        unit = TOKEN if kind == PromotionKind.BONUS_TOKENS else currency
        budget = answers["budget_text"].strip()
        if budget and unit is None:
            raise PromotionRefused("A budget in money is in a currency: name it.")
        return promotion_create(
            name=answers["name"],
            kind=kind,
            value=typed_value(kind, answers["value"], currency),
            currency=currency,
            product_id=_product_id(answers["product_code"].strip()),
            since=answers["since"],
            until=answers["until"],
            limit_total=answers["limit_total"],
            limit_per_user=answers["limit_per_user"],
            budget=money_parse(budget, str(unit)).amount if budget else None,
            actor=cast(User, request.user),
            reason=answers["reason"],
        )


def _is_id(text: str) -> bool:
    try:
        UUID(text.strip())
    except ValueError:
        return False
    return True


def _product_id(code: str) -> UUID | None:
    if not code:
        return None
    found = Product.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise PromotionRefused(f"There is no product with the code {code!r}.")
    return UUID(str(found))


@admin.register(PromotionCode, site=backoffice)
class PromotionCodeAdmin(ReadOnlyAdmin):
    """Codes; they are added on the page of their promotion."""

    section = Section.CATALOGUE
    list_display = ("code", "promotion", "used", "limit_total", "is_active", "created_at")
    list_filter = ("is_active", exact("promotion", "Promotion (id)", lookup="promotion_id"), TimeFilter)
    list_select_related = ("promotion",)
    search_help_text = "A whole code in any letter case, or an id."
    search_fields = ("code__exact",)
    fields = ("code", "promotion", "used", "limit_total", "is_active", "created_at", "id", "version")
    panels = (history_of(PromotionCode, ("Limit", "limit_total"), ("Active", "is_active")),)
    actions = (
        ConfirmedAction(
            "change",
            promotion_code_change,
            KEEP,
            ChangeCodeForm,
            words="Change the limit or switch off",
            explain=lambda code: (
                f"Used {code.used:,} times. A code that is switched off cannot be used from now on."
            ),
            done="The code is changed.",
            id_kwarg="promotion_code_id",
        ),
    )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """A code in whatever letter case, by its unique index."""
        if _is_id(search_term):
            return super().get_search_results(request, queryset, search_term)
        codes = PromotionCode.objects.called(search_term).values("pk")
        return (queryset.filter(pk__in=codes) if search_term.strip() else queryset), False


@admin.register(PromotionRedemption, site=backoffice)
class PromotionRedemptionAdmin(ReadOnlyAdmin):
    """Who used which code for which order."""

    section = Section.CATALOGUE
    list_display = ("code", "person", "status", "given", "created_at")
    list_filter = ("status", exact("code", "Code (id)", lookup="code_id"), PersonFilter, TimeFilter)
    list_select_related = ("code", "user")
    search_fields = ("order_id__exact",)
    search_help_text = "The id of an order, or of the use."
    fields = (
        "code",
        "person",
        "order_id",
        "status",
        "given",
        "reserved_until",
        "created_at",
        "updated_at",
        "id",
    )
    readonly_fields = ("person", "given")

    @admin.display(description="Person")
    def person(self, use: PromotionRedemption) -> str:
        return person_link(use.user)

    @admin.display(description="Given")
    def given(self, use: PromotionRedemption) -> str:
        if use.discount:
            return f"{money_or_dash(use.discount, use.currency_id)} off"
        return f"{use.bonus_tokens:,} tokens on top"
