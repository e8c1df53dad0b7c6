"""What may be done with a filing, by whoever handles them."""

from audit.admin.filing_forms import AmendForm, AnswerForm, FileForm, PreserveForm, ReviseForm
from audit.admin.takedown_words import instant
from audit.filing_choices import FilingKind, FilingStatus
from audit.filing_rules import FILING_RULES
from audit.models import ComplianceFiling
from audit.services.filed_filings import (
    filing_amend,
    filing_answer,
    filing_file,
    filing_preserve,
    filing_words_reveal,
)
from audit.services.filings import (
    filing_approve,
    filing_drop,
    filing_return,
    filing_revise,
    filing_submit,
)
from core.admin.actions import ConfirmedAction, stands
from core.admin.reveals import RevealAction

HANDLE = "audit.handle_compliancefiling"
S = FilingStatus


def _explain_file(filing: ComplianceFiling) -> str:
    known = FILING_RULES[FilingKind(filing.kind)]
    kept = ""
    if known.preserve is not None and filing.person_id is not None and filing.hold_id is None:
        kept = f" A legal hold over the person is placed with it, for {known.preserve.days} days."
    return f"Note that {filing.authority} has it. Nothing of it changes afterwards.{kept}"


FILING_ACTIONS = (
    RevealAction(filing_words_reveal, "audit.reveal_compliancefiling", id_kwarg="filing_id", words="Read it"),
    ConfirmedAction(
        "revise",
        filing_revise,
        HANDLE,
        ReviseForm,
        words="Write it",
        explain="What is there is replaced. Who writes a word of it does not approve it.",
        done="Written: {obj}.",
        available=stands(S.DRAFT),
        id_kwarg="filing_id",
    ),
    ConfirmedAction(
        "submit",
        filing_submit,
        HANDLE,
        words="Hand over for approval",
        explain="A colleague who wrote none of it reads and approves it, or sends it back.",
        done="Handed over: {obj}.",
        available=stands(S.DRAFT),
        id_kwarg="filing_id",
    ),
    ConfirmedAction(
        "approve",
        filing_approve,
        HANDLE,
        words="Approve",
        explain=lambda filing: f"It can be filed with {filing.authority} from then on. Read it first.",
        done="Approved: {obj}.",
        available=stands(S.SUBMITTED),
        id_kwarg="filing_id",
    ),
    ConfirmedAction(
        "return",
        filing_return,
        HANDLE,
        words="Send back",
        explain="It is a draft again; it has to be approved anew. The clock goes on.",
        done="Sent back: {obj}.",
        available=stands(S.SUBMITTED, S.APPROVED),
        id_kwarg="filing_id",
    ),
    ConfirmedAction(
        "drop",
        filing_drop,
        HANDLE,
        words="Decide not to file",
        explain="The authority does not get it, and this is final. Say on what ground, as the law wants it documented.",
        done="Not filed: {obj}.",
        dangerous=True,
        available=stands(S.DRAFT, S.SUBMITTED),
        id_kwarg="filing_id",
    ),
    ConfirmedAction(
        "file",
        filing_file,
        HANDLE,
        FileForm,
        words="Note that it was filed",
        explain=_explain_file,
        done="Filed: {obj}.",
        dangerous=True,
        available=stands(S.APPROVED),
        id_kwarg="filing_id",
    ),
    ConfirmedAction(
        "amend",
        filing_amend,
        HANDLE,
        AmendForm,
        words="Amend",
        explain=lambda filing: (
            f"Begins a new version as a draft. What was filed at {instant(filing.filed_at)} UTC stays as it is."
        ),
        done="An amendment of {obj} was begun.",
        available=stands(S.FILED, S.CLOSED),
        id_kwarg="filing_id",
    ),
    ConfirmedAction(
        "answer",
        filing_answer,
        HANDLE,
        AnswerForm,
        words="Note the answer",
        explain="What the authority made of it.",
        done="Answered: {obj}.",
        available=stands(S.FILED),
        id_kwarg="filing_id",
    ),
    ConfirmedAction(
        "preserve",
        filing_preserve,
        HANDLE,
        PreserveForm,
        words="Preserve",
        explain="Places a legal hold over the person, for the authority: nothing of theirs is deleted or erased.",
        done="Preserved with {obj}.",
        available=lambda filing: (
            filing.person_id is not None and filing.hold_id is None and filing.status != S.DROPPED
        ),
        id_kwarg="filing_id",
    ),
)
