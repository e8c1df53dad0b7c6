"""The room of payment methods: masked, and nothing of a token."""

from typing import Any

from django.contrib import admin

from accounts.admin.filters import PersonFilter
from accounts.admin.links import person_link
from accounts.models import User
from billing.admin.payment_words import list_url, money_of, row_url, when_of
from billing.models import PaymentMethod
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

VERIFICATIONS = Panel(
    "Verifications",
    columns=(
        ("When (UTC)", when_of("verified_at")),
        ("How", "kind"),
        ("Outcome", "outcome"),
        ("Name", "reference"),
    ),
    rows=lambda method: method.verifications.order_by("-pk"),
    permission="billing.view_paymentmethodverification",
    empty="Never verified.",
)
PAYMENTS = Panel(
    "Payments",
    columns=(
        ("When (UTC)", when_of("created_at")),
        ("Amount", money_of("amount")),
        ("Status", "status"),
        ("Provider's name", lambda payment: payment.provider_reference or "–"),
    ),
    rows=lambda method: method.payments.order_by("-pk"),
    permission="billing.view_payment",
    url=row_url,
    empty="Never charged.",
)
MANDATES = Panel(
    "Mandates",
    columns=(
        ("Reference", "reference"),
        ("Agreed (UTC)", when_of("agreed_at")),
        ("Status", "status"),
        ("Revoked (UTC)", when_of("revoked_at")),
    ),
    rows=lambda method: method.mandates.order_by("-pk"),
    permission="billing.view_mandate",
)
SAME_CARD = Panel(
    "Others with the same fingerprint",
    columns=(("Person", "user"), ("Status", "status"), ("Last used (UTC)", when_of("last_used_at"))),
    rows=lambda method: (
        PaymentMethod.objects.without_token()
        .filter(fingerprint=method.fingerprint)
        .exclude(fingerprint="")
        .exclude(pk=method.pk)
        .select_related("user")
        .order_by("-pk")
    ),
    permission="billing.view_paymentmethod",
    url=row_url,
    words="The provider says that it is the same card or account.",
    empty="Nobody else pays by this.",
)
METHODS_OF_PERSON = Panel(
    "Payment methods",
    columns=(
        ("What", str),
        ("Status", "status"),
        ("Default", lambda method: "yes" if method.is_default else "no"),
        ("Last used (UTC)", when_of("last_used_at")),
        ("Declined in a row", "failure_streak"),
    ),
    rows=lambda user: PaymentMethod.objects.without_token().filter(user=user).order_by("-pk"),
    permission="billing.view_paymentmethod",
    url=row_url,
    all_url=lambda user: list_url("paymentmethod", f"?user={user.pk}"),
    empty="None is known.",
)


@admin.register(PaymentMethod, site=backoffice)
class PaymentMethodAdmin(ReadOnlyAdmin):
    """Payment methods, by whom and by which last four signs."""

    section = Section.FINANCE
    list_display = (
        "masked",
        "person",
        "kind",
        "status",
        "expiry",
        "is_default",
        "last_used_at",
        "failure_streak",
    )
    list_filter = (
        "kind",
        "status",
        PersonFilter,
        exact("last_four", "Last four"),
        exact("fingerprint", "Fingerprint"),
        TimeFilter,
    )
    list_select_related = ("user",)
    search_fields = ("last_four__exact", "fingerprint__exact")
    search_help_text = "The last four signs of a card, the provider's fingerprint, or our id."
    fields = (
        "masked",
        "person",
        "kind",
        "status",
        "expiry",
        "is_default",
        "last_used_at",
        "failure_streak",
        "fingerprint",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("masked", "person", "expiry")
    panels = (VERIFICATIONS, PAYMENTS, MANDATES, SAME_CARD)

    def get_queryset(self, request: Any) -> Any:
        """Without the encrypted token."""
        return super().get_queryset(request).defer("token")

    @admin.display(description="What")
    def masked(self, method: PaymentMethod) -> str:
        return str(method)

    @admin.display(description="Person")
    def person(self, method: PaymentMethod) -> str:
        return person_link(method.user)

    @admin.display(description="Expires")
    def expiry(self, method: PaymentMethod) -> str:
        return f"{method.expiry_month:02d}/{method.expiry_year}" if method.expiry_year else "–"


backoffice.add_panel(User, METHODS_OF_PERSON)
