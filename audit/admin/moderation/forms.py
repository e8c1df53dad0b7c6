"""Forms of the rooms of moderation that ask for words which other people read."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms

from audit.admin.moderation.decide_form import LENGTHS, UNLIMITED
from audit.effects import EFFECTS, EffectRequest
from audit.models import PolicyVersion
from audit.moderation_choices import EffectKind
from core.admin.actions import REASON_AT_LEAST
from core.db.clock import database_now


class ReasonsForm(forms.Form):
    """Reasons that both sides are told, or that stand in a decision."""

    reasons = forms.CharField(
        min_length=REASON_AT_LEAST,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        label="Reasons",
        help_text="The people concerned read this. Say what you looked at and why it ends so; name no reporter.",
        error_messages={
            "required": "Write the reasons: the people concerned read them.",
            "min_length": f"Write at least {REASON_AT_LEAST} characters.",
        },
    )


def _grounds() -> list[tuple[str, str]]:
    rows = PolicyVersion.objects.in_force().filter(policy__retired_at__isnull=True).select_related("policy")
    named = sorted((f"{row.title} ({row.policy.code})", str(row.pk)) for row in rows)
    return [("", "Choose a ground"), *((key, words) for words, key in named)]


class ViolationForm(ReasonsForm):
    """A violation found on the appeal of somebody who reported: ground and effects, as in a decision."""

    policy_version_id = forms.TypedChoiceField(
        choices=_grounds,
        coerce=UUID,
        label="Ground",
        error_messages={"required": "Name the ground.", "invalid_choice": "Choose one of these policies."},
    )
    effects = forms.TypedMultipleChoiceField(
        choices=[(kind.value, kind.label) for kind in EFFECTS],
        coerce=EffectKind,
        widget=forms.CheckboxSelectMultiple,
        label="Effects",
        help_text="Those that the subject admits; a warning is the least.",
        error_messages={"required": "Choose at least one effect; a warning is the least."},
    )
    lasts = forms.ChoiceField(
        choices=LENGTHS,
        initial="7",
        label="For how long",
        help_text="For the effects that end by themselves.",
    )


def requested(kinds: Any, lasts: str) -> list[EffectRequest]:
    """The effects asked for, with their ends counted from now."""
    ends_at = None if lasts == UNLIMITED else database_now() + timedelta(days=int(lasts))
    return [EffectRequest(kind=kind, ends_at=ends_at if EFFECTS[kind].may_end else None) for kind in kinds]
