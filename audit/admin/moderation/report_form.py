"""Reports that staff file: on their own, for an authority, for a trusted flagger."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.models import User
from audit.admin.moderation.attempts import actor_of
from audit.models import Report
from audit.moderation_choices import ReportCategory, ReportSource, SubjectKind
from audit.services.reports import report_file
from audit.subjects import subject_of
from core.admin import submissions
from core.admin.confirmation import all_or_nothing, sentence
from core.admin.site import backoffice
from core.errors import Refused
from performers.models import PerformerProfile

FILE = "audit.file_report"
PURPOSE = "audit.report:file"
BY_STAFF = (ReportSource.STAFF, ReportSource.AUTHORITY, ReportSource.TRUSTED_FLAGGER)
ORGANISED = (ReportSource.AUTHORITY, ReportSource.TRUSTED_FLAGGER)


class ReportForm(forms.Form):
    """What is wrong with what, and who says so."""

    subject_kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in SubjectKind if not subject_of(kind).is_private],
        label="What is it about?",
        error_messages={"required": "Choose what it is about."},
    )
    subject = forms.CharField(
        max_length=100,
        label="Which one?",
        help_text="A person by handle, a profile by its address, a stream or an archive by its id; any of them by id.",
        error_messages={"required": "Say which one: nothing can be reported about nothing."},
    )
    category = forms.ChoiceField(
        choices=ReportCategory, label="What is wrong?", error_messages={"required": "Choose what is wrong."}
    )
    words = forms.CharField(
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        label="In words",
        help_text="What was said or seen, where and when. Colleagues read it; the person concerned does not.",
        error_messages={"required": "Say what is wrong, in words."},
    )
    source = forms.ChoiceField(
        choices=[(source.value, source.label) for source in BY_STAFF],
        initial=ReportSource.STAFF,
        widget=forms.RadioSelect,
        label="Who says so?",
    )
    organisation = forms.CharField(
        required=False,
        max_length=200,
        label="Authority or trusted flagger",
        help_text="Its name; empty where staff report on their own.",
    )
    organisation_reference = forms.CharField(
        required=False, max_length=100, label="Their file number", help_text="It is found by this number."
    )
    good_faith = forms.BooleanField(
        required=False,
        label="They stated that it is accurate and made in good faith",
        help_text="DSA article 16(2)(d).",
    )

    def clean(self) -> dict[str, Any]:
        """The subject as an id; an organisation where one reports, and nowhere else."""
        cleaned = super().clean() or self.cleaned_data
        source, organisation = cleaned.get("source"), cleaned.get("organisation", "").strip()
        if source in ORGANISED and not organisation:
            self.add_error("organisation", "Give the name of the organisation that reports.")
        if source == ReportSource.STAFF and (
            organisation or cleaned.get("organisation_reference", "").strip()
        ):
            self.add_error("organisation", "Staff report in their own name: leave the organisation out.")
        kind, text = cleaned.get("subject_kind"), cleaned.get("subject", "").strip()
        if kind and text:
            try:
                cleaned["subject_id"] = subject_named(kind, text)
            except ValidationError as refusal:
                self.add_error("subject", refusal)
        return cleaned


def subject_named(kind: str, text: str) -> UUID:
    """The id of what is meant. Raises ValidationError with a sentence."""
    try:
        return UUID(text)
    except ValueError:
        pass
    found: UUID | None = None
    if kind == SubjectKind.PERSON:
        found = User.objects.with_handle(text).values_list("pk", flat=True).first()
        missing = f"Nobody has the handle {text}."
    elif kind == SubjectKind.PROFILE:
        found = PerformerProfile.objects.with_slug(text).values_list("pk", flat=True).first()
        missing = f"No profile has the address {text}."
    else:
        missing = "Streams, archives, rooms and messages are named by their id: copy it from their page."
    if found is None:
        raise ValidationError(missing)
    return found


def _file(request: HttpRequest, form: ReportForm) -> HttpResponse | None:
    """File it and lead to the report; None when it was refused, which the form then says."""
    values = form.cleaned_data
    try:
        with all_or_nothing():
            submissions.spend(request, PURPOSE, request.POST.get("submission", ""))
            report = report_file(
                subject_kind=values["subject_kind"],
                subject_id=values["subject_id"],
                category=values["category"],
                source=values["source"],
                words=values["words"],
                organisation=values["organisation"],
                organisation_reference=values["organisation_reference"],
                good_faith=values["good_faith"],
                actor=actor_of(request),
            )
    except submissions.AlreadyDone as done:
        messages.info(request, str(done))
        return HttpResponseRedirect(reverse("admin:audit_report_changelist"))
    except (Refused, IntegrityError, OperationalError) as refusal:
        form.add_error(None, sentence(refusal))
        return None
    messages.success(request, "The report is filed; it is on the desk of moderation.")
    if Report.objects.filter(pk=report.pk).exists():
        return HttpResponseRedirect(reverse("admin:audit_report_change", args=[report.pk]))
    return HttpResponseRedirect(reverse("admin:audit_report_changelist"))


def file_report(request: HttpRequest) -> HttpResponse:
    """The form, and its sending. The address may name the subject: `?kind=stream&subject=<id>`."""
    if not request.user.has_perm(FILE):
        raise PermissionDenied
    if request.method == "POST":
        form = ReportForm(request.POST)
        if form.is_valid() and (answer := _file(request, form)) is not None:
            return answer
    else:
        form = ReportForm(
            initial={"subject_kind": request.GET.get("kind", ""), "subject": request.GET.get("subject", "")}
        )
    return TemplateResponse(
        request,
        "admin/audit/report/file.html",
        {
            **backoffice.each_context(request),
            "title": "Report something",
            "form": form,
            "token": submissions.issue(request, PURPOSE),
        },
    )


backoffice.add_pages(path("report-something/", backoffice.admin_view(file_report), name="audit_report_file"))
