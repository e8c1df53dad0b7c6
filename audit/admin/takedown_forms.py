"""What the confirmation pages of notices and counter-notices ask for beside a reason."""

from django import forms

from audit.takedown_choices import RejectionGround, TargetKind
from audit.takedown_elements import COUNTER_ELEMENTS, NOTICE_ELEMENTS, Element


def _asking_for(name: str, elements: tuple[Element, ...]) -> type[forms.Form]:
    fields = {
        element.field: forms.BooleanField(
            required=False, label=f"Supplied: {element.words}", help_text=element.law
        )
        for element in elements
    }
    return type(name, (forms.Form,), fields)


NoticeElementsForm = _asking_for("NoticeElementsForm", NOTICE_ELEMENTS)
CounterElementsForm = _asking_for("CounterElementsForm", COUNTER_ELEMENTS)


class RejectionForm(forms.Form):
    """On which ground a notice is rejected."""

    ground = forms.ChoiceField(choices=RejectionGround.choices, label="Ground")


class SubjectForm(forms.Form):
    """An archive or stream that a notice names."""

    kind = forms.ChoiceField(choices=TargetKind.choices, label="What it is")
    subject_id = forms.UUIDField(label="Its id", help_text="It stands on the page of the archive or stream.")


class CourtForm(forms.Form):
    """The action that the claimant told of."""

    court_reference = forms.CharField(
        max_length=200, label="Court and number", help_text="As in S.D.N.Y. 26-cv-1234."
    )
