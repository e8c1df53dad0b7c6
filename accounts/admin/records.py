"""What people accepted and agreed to, and whether they are of age: looked at, and ended on their behalf."""

from django.contrib import admin
from django.utils import timezone

from accounts.admin.filters import InForceFilter, PersonFilter
from accounts.admin.links import colleague, period, person_link
from accounts.models import Acceptance, AgeAssurance, Consent
from accounts.services.age_assurances import age_assurance_revoke
from accounts.services.consents import consent_end
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(Acceptance, site=backoffice)
class AcceptanceAdmin(ReadOnlyAdmin):
    """Who accepted which version."""

    section = Section.COMPLIANCE
    list_display = ("what", "person", "accepted_at", "channel")
    list_filter = (
        PersonFilter,
        exact("document", "document", lookup="document_id", help="An id."),
        TimeFilter,
    )
    list_select_related = ("user", "document")
    fields = ("what", "person", "accepted_at", "channel", "address", "user_agent_family", "id")
    readonly_fields = ("what", "person")

    @admin.display(description="Document")
    def what(self, acceptance: Acceptance) -> str:
        return str(acceptance.document)

    @admin.display(description="Person")
    def person(self, acceptance: Acceptance) -> str:
        return person_link(acceptance.user)


@admin.register(Consent, site=backoffice)
class ConsentAdmin(ReadOnlyAdmin):
    """What people agreed to, in force and withdrawn."""

    section = Section.COMPLIANCE
    list_display = ("what", "person", "period", "channel", "withdrawn_channel")
    list_filter = (InForceFilter, "purpose", PersonFilter, TimeFilter)
    list_select_related = ("user", "wording")
    fields = (
        "person",
        "purpose",
        "explicit",
        "period",
        "channel",
        "withdrawn_channel",
        "words",
        "id",
        "version",
    )
    readonly_fields = ("person", "period", "words")
    actions = (
        ConfirmedAction(
            "withdraw",
            consent_end,
            "accounts.change_consent",
            words="Withdraw on behalf",
            explain=lambda consent: (
                f"{consent.user} asked for it; the consent ends now. Nothing else changes."
            ),
            done="The consent is withdrawn.",
            available=lambda consent: consent.is_in_force(timezone.now()),
        ),
    )

    @admin.display(description="Purpose")
    def what(self, consent: Consent) -> str:
        return consent.get_purpose_display()

    @admin.display(description="Person")
    def person(self, consent: Consent) -> str:
        return person_link(consent.user)

    @admin.display(description="Period (UTC)")
    def period(self, consent: Consent) -> str:
        return period(consent.valid)

    @admin.display(description="Wording seen")
    def words(self, consent: Consent) -> str:
        return f"{consent.wording.version_label} ({consent.wording.language}): {consent.wording.text}"


@admin.register(AgeAssurance, site=backoffice)
class AgeAssuranceAdmin(ReadOnlyAdmin):
    """What providers said about people's age; no evidence is kept."""

    section = Section.COMPLIANCE
    list_display = ("what", "person", "method", "provider", "period", "ending")
    list_filter = (InForceFilter, "outcome", "method", PersonFilter, TimeFilter)
    list_select_related = ("user", "ended_by")
    fields = (
        "person",
        "outcome",
        "age_band",
        "method",
        "provider",
        "receipt",
        "checked_at",
        "period",
        "ending",
        "ended",
        "id",
        "version",
    )
    readonly_fields = ("person", "period", "ended")
    actions = (
        ConfirmedAction(
            "revoke",
            age_assurance_revoke,
            "accounts.revoke_ageassurance",
            words="Revoke",
            explain=lambda age: f"{age.user} is not of age for the platform until another check says so.",
            done="The assurance is revoked.",
            dangerous=True,
            available=lambda age: age.is_in_force(timezone.now()),
            id_kwarg="age_assurance_id",
        ),
    )

    @admin.display(description="Outcome")
    def what(self, age: AgeAssurance) -> str:
        return age.get_outcome_display()

    @admin.display(description="Person")
    def person(self, age: AgeAssurance) -> str:
        return person_link(age.user)

    @admin.display(description="Period (UTC)")
    def period(self, age: AgeAssurance) -> str:
        return period(age.valid)

    @admin.display(description="Revoked by")
    def ended(self, age: AgeAssurance) -> str:
        return colleague(age.ended_by) if age.ended_by else "–"
