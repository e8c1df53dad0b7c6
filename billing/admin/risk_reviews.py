"""The queue of risk reviews, and the room of earnings that are held."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.links import person_link
from accounts.admin.profile_media import OldestFirst
from accounts.models import User
from billing.admin.dispute_panels import HOLDS_OF_REVIEW
from billing.admin.payment_words import list_url, row_link
from billing.dispute_choices import OPEN_REVIEWS, HoldCause, RiskCause, RiskStatus
from billing.models import EarningHold, Payment, RiskReview
from billing.services.earning_holds import earning_hold_release
from billing.services.risk_reviews import (
    risk_review_clear,
    risk_review_confirm,
    risk_review_open,
    risk_review_take,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.context import current_actor_id
from core.db.locking import NotThere
from core.db.roles import Role

DECIDE = "billing.decide_riskreview"
REVIEWERS = (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE)


class OpenFilter(DefaultChoiceFilter):
    """What is open, unless something else is asked for."""

    title = "status"
    parameter_name = "work"
    default_label = "Open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "Mine"), ("cleared", "Cleared"), ("confirmed", "Confirmed"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "all":
                return queryset
            case "mine":
                return queryset.filter(status=RiskStatus.ASSIGNED, owner_id=request.user.pk)
            case None:
                return queryset.filter(status__in=OPEN_REVIEWS)
        return queryset.filter(status=self.value())


def _can_decide(review: Any) -> bool:
    return (
        review.status in OPEN_REVIEWS
        and review.user_id != current_actor_id()
        and review.owner_id in (None, current_actor_id())
    )


@admin.register(RiskReview, site=backoffice)
class RiskReviewAdmin(ReadOnlyAdmin):
    """Risk reviews: take one, look, and say whether something is wrong."""

    section = Section.FINANCE
    list_display = ("created_at", "person", "cause", "words", "status", "owner")
    list_display_links = ("created_at",)
    list_filter = (
        OpenFilter,
        "cause",
        exact("user", "Person (id)", lookup="user_id"),
        exact("payment", "Payment (id)", lookup="payment_id"),
        TimeFilter,
    )
    list_select_related = ("user", "owner", "payment", "dispute", "decided_by", "opened_by")
    search_fields = ("user__id__exact",)
    search_help_text = "Our id of a review or of the person."
    fields = (
        "person",
        "cause",
        "words",
        "payment_link",
        "dispute_link",
        "status",
        "owner",
        "opened_by",
        "decided_by",
        "decided_at",
        "decision_reason",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("person", "payment_link", "dispute_link")
    panels = (HOLDS_OF_REVIEW,)
    actions = (
        ConfirmedAction(
            "take",
            risk_review_take,
            DECIDE,
            words="Take it",
            explain="You look into it; your colleagues see that you do.",
            done="Yours now: {obj}.",
            id_kwarg="risk_review_id",
            available=lambda review: review.status == RiskStatus.OPEN and _can_decide(review),
        ),
        ConfirmedAction(
            "clear",
            risk_review_clear,
            DECIDE,
            words="Clear",
            explain="Nothing is wrong. What it holds is let go of.",
            done="Cleared: {obj}.",
            id_kwarg="risk_review_id",
            available=_can_decide,
        ),
        ConfirmedAction(
            "confirm",
            risk_review_confirm,
            DECIDE,
            words="Confirm",
            explain="Something is wrong. What it holds stays held; restrict the person by a case of its own.",
            done="Confirmed: {obj}.",
            id_kwarg="risk_review_id",
            dangerous=True,
            available=_can_decide,
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what is open; the newest first otherwise."""
        return KeysetChangeList if request.GET.get("work") else OldestFirst

    @admin.display(description="Person")
    def person(self, review: RiskReview) -> str:
        return person_link(review.user)

    @admin.display(description="Payment")
    def payment_link(self, review: RiskReview) -> str:
        return row_link(review.payment)

    @admin.display(description="Dispute")
    def dispute_link(self, review: RiskReview) -> str:
        return row_link(review.dispute)


class LiveFilter(DefaultChoiceFilter):
    """What is held now, unless something else is asked for."""

    title = "held"
    parameter_name = "held"
    default_label = "Held now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("released", "Let go of"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(released_at__isnull=self.value() is None)


@admin.register(EarningHold, site=backoffice)
class EarningHoldAdmin(ReadOnlyAdmin):
    """Earnings that are held: what disputes hold ends with them, what reviews and staff hold is let go of here."""

    section = Section.FINANCE
    list_display = ("created_at", "earning_words", "cause", "reason", "placed_by", "released_at")
    list_display_links = ("created_at",)
    list_filter = (
        LiveFilter,
        "cause",
        exact("dispute", "Dispute (id)", lookup="dispute_id"),
        exact("earning", "Earning (id)", lookup="earning_id"),
        TimeFilter,
    )
    list_select_related = ("earning", "placed_by", "released_by", "dispute", "risk_review")
    search_fields = ("earning__id__exact",)
    search_help_text = "Our id of a hold or of an earning."
    fields = (
        "earning_words",
        "cause",
        "reason",
        "dispute_link",
        "review_link",
        "placed_by",
        "created_at",
        "released_at",
        "released_by",
        "release_reason",
        "id",
    )
    readonly_fields = ("earning_words", "dispute_link", "review_link")
    actions = (
        ConfirmedAction(
            "release",
            earning_hold_release,
            "billing.release_earninghold",
            words="Let go",
            explain="It can be paid out, unless something else holds it too.",
            done="Let go of: {obj}.",
            id_kwarg="earning_hold_id",
            available=lambda hold: hold.released_at is None and hold.cause != HoldCause.DISPUTE,
        ),
    )

    @admin.display(description="Earning")
    def earning_words(self, hold: EarningHold) -> str:
        return str(hold.earning)

    @admin.display(description="Dispute")
    def dispute_link(self, hold: EarningHold) -> str:
        return row_link(hold.dispute)

    @admin.display(description="Review")
    def review_link(self, hold: EarningHold) -> str:
        return row_link(hold.risk_review)


def payment_review(*, payment_id: Any, actor: User, reason: str) -> RiskReview:
    """`risk_review_open` about one payment, by a member of staff."""
    user_id = Payment.objects.filter(pk=payment_id).values_list("user_id", flat=True).first()
    if user_id is None:
        raise NotThere("There is no such payment, or your role may not see it.")
    return risk_review_open(
        user_id=user_id, payment_id=payment_id, cause=RiskCause.STAFF, words=reason, actor=actor
    )


REVIEW_PAYMENT = ConfirmedAction(
    "review",
    payment_review,
    # Who answers disputes; compliance decides reviews, and only reads payments.
    "billing.submit_dispute",
    words="Review",
    explain="Somebody looks at it; what was earned by it is held meanwhile.",
    done="To be reviewed: {obj}.",
)

register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Risk reviews",
        roles=REVIEWERS,
        count=lambda limit: CountUpTo(RiskReview.objects.open(), limit),
        url=lambda: list_url("riskreview"),
        words="People and payments that somebody should look at.",
    )
)
