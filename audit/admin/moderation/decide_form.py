"""The form by which a case is decided: outcome, ground, effects with their lengths, reasons for the person."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from audit.effects import EFFECTS, EffectRequest
from audit.effects.definition import Effect
from audit.models import Case, PolicyVersion
from audit.moderation_choices import (
    DecisionOutcome,
    EffectKind,
    EffectSlot,
    ReportSource,
    StrikeAction,
    SubjectKind,
)
from core.admin.actions import REASON_AT_LEAST
from core.db.clock import database_now
from core.db.roles import Role

UNLIMITED = "unlimited"
LENGTHS = (
    ("1", "for a day"),
    ("3", "for 3 days"),
    ("7", "for a week"),
    ("30", "for 30 days"),
    ("90", "for 90 days"),
    ("365", "for a year"),
    (UNLIMITED, "until it is lifted"),
)
LONGEST_SUSPENSION = 30
"""Days for which a moderator suspends; longer ones are for lead moderators."""

WORDINGS = (
    "On DAY we looked at SUBJECT. We saw …",
    "The report was checked against the recording and the chat of that time. …",
    "We have taken into account that this was the first time.",
    "You were told before that this is not allowed.",
    "We looked at what was reported and found nothing that breaks our rules.",
)
"""Sentences to begin with; whoever decides completes them."""


def wordings_about(title: str) -> list[str]:
    """The sentences with the day of today and the name of the subject."""
    day = f"{timezone.now():%d %B %Y}".lstrip("0")
    return [wording.replace("DAY", day).replace("SUBJECT", f"“{title}”") for wording in WORDINGS]


def effects_for(case: Case, role: Role) -> list[Effect]:
    """The effects that the subject admits and the role may decide, in the order of their kinds."""
    subject = SubjectKind(case.subject_kind)
    return [
        EFFECTS[kind]
        for kind in EffectKind
        if kind in EFFECTS and subject in EFFECTS[kind].admits and role in EFFECTS[kind].roles
    ]


def policy_choices(case: Case, wordings: Sequence[PolicyVersion]) -> list[tuple[str, Any]]:
    """Grounds: those proposed for what was reported first, then all of them by the tree."""
    reported = set(case.categories)
    usable = [version for version in wordings if version.policy.retired_at is None]
    first = [version for version in usable if reported & set(version.policy.categories)]
    groups: dict[str, list[tuple[str, str]]] = {}
    tops = {version.policy.code: version.title for version in wordings if version.policy.parent_id is None}
    for version in usable:
        top = version.policy.code.split(".")[0]
        groups.setdefault(tops.get(top, top.replace("_", " ").capitalize()), []).append(_choice(version))
    proposed = [("For what was reported", [_choice(version) for version in first])] if first else []
    return [("", "No ground chosen"), *proposed, *groups.items()]


def _choice(version: PolicyVersion) -> tuple[str, str]:
    points = f", {version.strike_points} points" if version.strike_points else ""
    return str(version.pk), f"{version.title} ({version.get_severity_display().lower()}{points})"


class DecideForm(forms.Form):
    """One decision. The fields of effects are made for the case and the role: `effect_suspend`, `lasts_suspend`."""

    outcome = forms.ChoiceField(
        choices=[
            (item.value, item.label) for item in (DecisionOutcome.VIOLATION, DecisionOutcome.NO_VIOLATION)
        ],
        widget=forms.RadioSelect,
        label="What do you find?",
        error_messages={
            "required": "Say whether it is a violation.",
            "invalid_choice": "Choose one of these.",
        },
    )
    policy_version_id = forms.TypedChoiceField(
        required=False,
        coerce=UUID,
        empty_value=None,
        label="Ground",
        help_text="The policy that it violates; none where nothing is violated.",
        error_messages={"invalid_choice": "This policy is not in force (any more). Choose another one."},
    )
    reasons = forms.CharField(
        max_length=5000,
        min_length=REASON_AT_LEAST,
        widget=forms.Textarea(attrs={"rows": 6}),
        label="Facts and circumstances",
        help_text="The person reads this. Say what you saw and when; name nobody who reported.",
        error_messages={
            "required": "Write the facts and circumstances: the person reads them.",
            "min_length": f"Write at least {REASON_AT_LEAST} characters.",
        },
    )
    note = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Note for colleagues",
        help_text="Nobody else reads it.",
    )
    automated_detection = forms.BooleanField(
        required=False, label="A machine found it", help_text="The statement says so (DSA art. 17(3)(c))."
    )
    close = forms.BooleanField(required=False, initial=True, label="Close the case: nothing is left to do")
    proposal_id = forms.TypedChoiceField(
        required=False,
        coerce=UUID,
        empty_value=None,
        label="Answers a proposal of the ladder",
        error_messages={"invalid_choice": "This proposal is settled. Leave it out, or open the case again."},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        case: Any,
        role: Role,
        wordings: Sequence[PolicyVersion],
    ) -> None:
        initial = {"automated_detection": ReportSource.AUTOMATIC in case.sources}
        super().__init__(data, initial=initial)
        self.case, self.role = case, role
        self.known_effects = effects_for(case, role)
        self._choices("policy_version_id", policy_choices(case, wordings))
        proposals = [(str(row["id"]), _proposal(row)) for row in case.proposals]
        self._choices("proposal_id", [("", "None"), *proposals])
        if not proposals:
            del self.fields["proposal_id"]
        for effect in self.known_effects:
            self._add(effect)

    def _choices(self, name: str, choices: Any) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _add(self, effect: Effect) -> None:
        self.fields[f"effect_{effect.kind}"] = forms.BooleanField(required=False, label=effect.kind.label)
        if effect.may_end:
            lengths = [choice for choice in LENGTHS if self._may_last(effect, choice[0])]
            self.fields[f"lasts_{effect.kind}"] = forms.ChoiceField(
                required=False,
                choices=lengths,
                initial="7",
                label=f"{effect.kind.label}: for how long",
                error_messages={"invalid_choice": "Choose one of these lengths."},
            )

    def _may_last(self, effect: Effect, length: str) -> bool:
        """What is for lead moderators is not offered to others; the service refuses it as well."""
        if effect.kind is not EffectKind.SUSPEND or self.role is Role.LEAD_MODERATOR:
            return True
        return length != UNLIMITED and int(length) <= LONGEST_SUSPENSION

    @property
    def effect_rows(self) -> list[tuple[Any, Any]]:
        """The check box of each effect, with the choice of its length where it has one."""
        return [
            (
                self[f"effect_{effect.kind}"],
                self[f"lasts_{effect.kind}"] if f"lasts_{effect.kind}" in self.fields else None,
            )
            for effect in self.known_effects
        ]

    @property
    def chosen(self) -> list[Effect]:
        """The effects that were ticked."""
        return [effect for effect in self.known_effects if self.cleaned_data.get(f"effect_{effect.kind}")]

    def requests(self) -> list[EffectRequest]:
        """What the decision is to do, with the ends counted from now by the clock that judges them."""
        found, now = [], database_now()
        for effect in self.chosen:
            lasts = self.cleaned_data.get(f"lasts_{effect.kind}") or UNLIMITED
            ends_at = None
            if effect.may_end and lasts != UNLIMITED:
                ends_at = now + timedelta(days=int(lasts))
            found.append(EffectRequest(kind=effect.kind, ends_at=ends_at))
        return found

    def clean(self) -> dict[str, Any]:
        """What contradicts itself is named beside the field that can be mended."""
        cleaned = super().clean() or self.cleaned_data
        outcome, ground = cleaned.get("outcome"), cleaned.get("policy_version_id")
        if outcome == DecisionOutcome.VIOLATION:
            if ground is None and "policy_version_id" not in self.errors:
                self.add_error(
                    "policy_version_id", "Name the ground: a violation is a violation of a policy."
                )
            if not self.chosen:
                self.add_error(None, "A violation has at least one effect; a warning is the least.")
        elif outcome == DecisionOutcome.NO_VIOLATION:
            if ground is not None:
                self.add_error("policy_version_id", "Nothing is violated, so leave the ground out.")
            if self.chosen:
                self.add_error(None, "Where nothing is violated, nothing is imposed: leave the effects out.")
        by_slot: dict[EffectSlot, Effect] = {}
        for effect in self.chosen:
            other = by_slot.setdefault(effect.facts.slot, effect)
            if other is not effect:
                self.add_error(
                    f"effect_{effect.kind}",
                    f"“{effect.kind.label}” and “{other.kind.label}” contradict each other: choose one.",
                )
        return cleaned


def _proposal(row: dict[str, Any]) -> str:
    return f"{StrikeAction(row['action']).label}, at {row['points']} points"
