"""Addresses to which nothing is sent, and what people wish to be told."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.filters import PersonFilter
from accounts.models import User
from core.admin.actions import REASON_AT_LEAST, REASON_AT_MOST, ConfirmedAction
from core.admin.models import BackOfficeModelAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from engagement.models import DeliveryAttempt, DeliverySuppression
from engagement.services.delivery_suppressions import address_suppress_by_staff, suppression_lift

KEEP = "engagement.keep_deliverysuppression"


class SuppressForm(forms.ModelForm):
    """An address and why; the address is written and never shown again."""

    email = forms.EmailField(label="E-mail address")
    reason_given = forms.CharField(
        label="Reason",
        min_length=REASON_AT_LEAST,
        max_length=REASON_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="Your colleagues read this in the trail.",
    )

    class Meta:
        model = DeliverySuppression
        fields: tuple[str, ...] = ()


@admin.register(DeliverySuppression, site=backoffice)
class DeliverySuppressionAdmin(BackOfficeModelAdmin):
    """Every delivery obeys; a suppression is lifted when mail arrives there again."""

    section = Section.PEOPLE
    adds = True
    list_display = ("created_at", "user", "reason", "lifted_at", "lifted_by")
    list_filter = ("reason", PersonFilter)
    list_select_related = ("user", "lifted_by")
    search_fields = ()
    search_help_text = "A whole e-mail address, or an id."
    actions = (
        ConfirmedAction(
            "lift",
            suppression_lift,
            KEEP,
            words="Send there again",
            explain="Mail goes to the address from now on; what was not sent meanwhile is not made up for.",
            done="Mail goes to the address again.",
            available=lambda row: row.lifted_at is None,
            id_kwarg="suppression_id",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the encrypted column: a list does not carry what it never shows."""
        return super().get_queryset(request).defer("address")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the whole address, through its blind index, or by id; nothing else can be found."""
        if "@" in search_term:
            return queryset.filter(address_index=search_term.strip()), False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.has_perm(KEEP)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = SuppressForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("email", "reason_given")
        return ("user", "reason", "words", "created_at", "lifted_at", "lifted_by", "id", "version")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the service; the row that it wrote takes the place of the form's."""
        written = address_suppress_by_staff(
            address=form.cleaned_data["email"],
            actor=cast(User, request.user),
            reason=form.cleaned_data["reason_given"],
        )
        obj.__dict__.update(written.__dict__)


backoffice.add_panel(
    User,
    Panel(
        "Deliveries",
        columns=(
            ("When (UTC)", lambda row: f"{row.created_at:%Y-%m-%d %H:%M}"),
            ("What", lambda row: row.happening.trigger.code),
            ("Channel", lambda row: row.get_channel_display()),
            ("Status", lambda row: row.get_status_display()),
        ),
        rows=lambda user: (
            DeliveryAttempt.objects.filter(recipient=user)
            .select_related("happening__trigger")
            .order_by("-pk")
        ),
        permission="engagement.view_deliveryattempt",
        url=lambda row: reverse("admin:engagement_deliveryattempt_change", args=[row.pk]),
        all_url=lambda user: reverse("admin:engagement_deliveryattempt_changelist") + f"?recipient={user.pk}",
        empty="Nothing was sent to this person within 90 days.",
    ),
)
backoffice.add_panel(
    User,
    Panel(
        "Wishes about notifications",
        columns=(
            ("About", lambda row: row.get_category_display()),
            ("By", lambda row: row.get_channel_display()),
            ("How soon", lambda row: row.get_frequency_display()),
        ),
        rows=lambda user: user.notification_preferences.order_by("category", "channel"),
        permission="engagement.view_notificationpreference",
        limit=30,
        empty="The person said nothing: what the triggers say holds.",
    ),
)
