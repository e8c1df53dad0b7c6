"""Identity cases: for compliance alone."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.filters import PersonFilter
from accounts.admin.links import colleague
from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.screenings import WhomForm, whom, whom_asked
from billing.errors import KycCaseRefused
from billing.models import KycCase
from billing.models.kyc_case import UNDECIDED
from billing.reconciliation_choices import KycCause, KycRisk, KycStatus
from billing.services.kyc_cases import kyc_case_decide, kyc_case_open, kyc_case_take, kyc_findings_reveal
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.reveals import RevealAction
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role

WORK = "billing.work_kyccase"


class CaseForm(WhomForm):
    """About whom, and why."""

    case_cause = forms.ChoiceField(label="Cause", choices=KycCause.choices)
    due = forms.DateField(
        label="Due on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: in 14 days.",
    )
    reason_text = forms.CharField(
        label="Why", min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )

    class Meta:
        model = KycCase
        fields: tuple[str, ...] = ()


class VerdictForm(forms.Form):
    """What came of it."""

    is_cleared = forms.TypedChoiceField(
        label="What came of it",
        choices=[("", "Choose"), ("yes", "Cleared"), ("no", "Rejected: nothing is paid out")],
        coerce=lambda value: value == "yes",
    )
    risk = forms.ChoiceField(label="Risk", choices=KycRisk.choices, initial=KycRisk.STANDARD)
    findings = forms.CharField(
        label="Findings",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Sealed at once. The reason below names no findings.",
    )


@admin.register(KycCase, site=backoffice)
class KycCaseAdmin(AddedByService):
    """Cases, newest first; take one, look into it, decide."""

    section = Section.COMPLIANCE
    may_add = WORK
    add_form = CaseForm
    list_display = ("about", "cause", "status", "due_on", "officer", "risk", "created_at")
    list_filter = (
        "status",
        "cause",
        "risk",
        PersonFilter,
        exact("studio", "studio (id)", lookup="studio_id"),
        TimeFilter,
    )
    list_select_related = ("user", "studio", "owner", "opened_by", "decided_by")
    search_fields = ("id__exact",)
    search_help_text = "Our id of a case."
    fields = (
        "about",
        "cause",
        "screening",
        "status",
        "due_on",
        "opened",
        "opening_reason",
        "officer",
        "risk",
        "decided",
        "decided_at",
        "decision_reason",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("about", "opened", "officer", "decided")
    actions = (
        ConfirmedAction(
            "take",
            kyc_case_take,
            WORK,
            words="Take",
            explain="Colleagues see that you look into it.",
            done="You look into it: {obj}.",
            available=lambda case: case.status == KycStatus.OPEN,
            id_kwarg="kyc_case_id",
        ),
        ConfirmedAction(
            "decide",
            kyc_case_decide,
            WORK,
            VerdictForm,
            words="Decide",
            explain="It is decided once. Another look is another case.",
            done="Decided: {obj}.",
            available=lambda case: case.status == KycStatus.IN_REVIEW,
            id_kwarg="kyc_case_id",
        ),
        RevealAction(
            kyc_findings_reveal,
            "billing.reveal_kyccase",
            available=lambda case: case.status not in UNDECIDED,
            id_kwarg="kyc_case_id",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the sealed column: a list does not carry what it never shows."""
        return super().get_queryset(request).defer("findings")

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        return kyc_case_open(
            **whom_asked(answers, KycCaseRefused),
            cause=answers["case_cause"],
            due_on=answers["due"],
            reason=answers["reason_text"],
            actor=cast(User, request.user),
        )

    @admin.display(description="About")
    def about(self, case: KycCase) -> str:
        return whom(case)

    @admin.display(description="Opened by")
    def opened(self, case: KycCase) -> str:
        return colleague(case.opened_by)

    @admin.display(description="Officer")
    def officer(self, case: KycCase) -> str:
        return colleague(case.owner) if case.owner_id else "Nobody yet"

    @admin.display(description="Decided by")
    def decided(self, case: KycCase) -> str:
        return colleague(case.decided_by) if case.decided_by_id else "–"


register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Identity cases undecided",
        roles=(Role.COMPLIANCE,),
        count=lambda limit: CountUpTo(KycCase.objects.undecided(), limit),
        url=lambda: reverse("admin:billing_kyccase_changelist") + "?status__exact=open",
        words="Take one, the most urgent first.",
    )
)
