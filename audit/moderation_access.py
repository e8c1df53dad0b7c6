"""Who may do what to the tables of moderation; a part of `audit.access`."""

from audit.models.moderation.decision import DECISION_WRITERS
from audit.models.moderation.policy import WRITERS
from audit.models.moderation.queue import QUEUE_READERS
from audit.models.moderation.readers import CASE_STAFF, LEADS, OVERSEERS, PEOPLE
from core.db.access import AccessDeclaration, Rights, readers
from core.db.roles import Role

CASE_STATE = (
    "status",
    "queue_id",
    "queue_is_chosen",
    "leads_only",
    "due_at",
    "escalated_at",
    "escalation_route",
    "reopened_at",
    "decided_at",
    "closed_at",
)
READERS_OF_CASES = (*CASE_STAFF, *OVERSEERS, Role.WORKER)
REPORT_OUTCOME = ("status", "decided_at")
WORK = Rights(select=True, update=CASE_STATE, may=("work_case", "decide_case", "reopen_case"))
POLICY_WORDS = (
    "title",
    "text",
    "ground",
    "legal_reference",
    "transparency_category",
    "severity",
    "strike_points",
    "strike_days",
    "status",
    "effective_at",
    "published_by_id",
)
QUEUE_WORDS = ("name", "description", "position", "due_within", "leads_only", "is_default", "is_active")
RULE_WORDS = (
    "name",
    "position",
    "is_active",
    "categories",
    "subject_kinds",
    "sources",
    "least_reports",
    "least_strike_points",
    "live_only",
    "points",
    "queue_id",
    "due_within",
)
FILTER_WORDS = ("name", "parameters", "is_shared")
APPEAL_STATE = ("status", "reviewer_id", "outcome_reasons", "reviewed_at", "reversal_id")
PROPOSAL_STATE = ("status", "decision_id", "settled_by_id", "settled_at", "reason")
BULK_STATE = ("status", "approved_by_id", "approved_at", "finished_at", "undone_by_id", "undo_reasons")
ITEM_STATE = ("status", "outcome_words", "decision_id", "undo_decision_id")
REPORTERS = (*PEOPLE, Role.SUPPORT)

MODERATION_ACCESS: AccessDeclaration = {
    # Written by a trigger of the evidence; staff read it by moderation_private_words alone, which wants a record.
    "audit.PrivateCopy": {
        **readers(*PEOPLE),
        **dict.fromkeys((*CASE_STAFF, Role.COMPLIANCE), Rights(may=("open_privatecopy",))),
    },
    "audit.ModerationPolicy": {
        **readers(*READERS_OF_CASES, *PEOPLE, Role.SUPPORT),
        **{
            role: Rights(
                select=True,
                insert=True,
                update=("categories", "retired_at"),
                may=("publish_moderationpolicy",),
            )
            for role in WRITERS
        },
    },
    "audit.PolicyVersion": {
        **readers(*READERS_OF_CASES, *PEOPLE, Role.SUPPORT),
        **{role: Rights(select=True, insert=True, update=POLICY_WORDS, delete=True) for role in WRITERS},
    },
    "audit.Queue": {
        **readers(*QUEUE_READERS),
        **{
            role: Rights(select=True, insert=True, update=QUEUE_WORDS, may=("manage_queue",))
            for role in LEADS
        },
    },
    "audit.QueueRule": {
        **readers(*QUEUE_READERS),
        **{role: Rights(select=True, insert=True, update=RULE_WORDS, delete=True) for role in LEADS},
    },
    "audit.SavedFilter": {
        **readers(*OVERSEERS),
        **{role: Rights(select=True, insert=True, update=FILTER_WORDS, delete=True) for role in CASE_STAFF},
    },
    "audit.Case": {
        **readers(*OVERSEERS),
        **dict.fromkeys(CASE_STAFF, WORK),
        Role.COMPLIANCE: WORK,
        Role.WORKER: Rights(select=True, update=CASE_STATE),
    },
    "audit.CaseEvent": {
        **readers(*OVERSEERS, Role.WORKER, *PEOPLE),
        **{role: Rights(select=True, insert=True) for role in (*CASE_STAFF, Role.COMPLIANCE)},
    },
    "audit.CaseSkip": {
        **readers(*OVERSEERS),
        **{
            role: Rights(select=True, insert=True, update=("until", "reason"), delete=True)
            for role in CASE_STAFF
        },
        Role.WORKER: Rights(select=True, delete=True),
    },
    "audit.CasePresence": {
        **readers(*OVERSEERS),
        **{role: Rights(select=True, insert=True, update=("seen_at",)) for role in CASE_STAFF},
        Role.WORKER: Rights(select=True, delete=True),
    },
    "audit.Claim": {
        **readers(*OVERSEERS, Role.WORKER),
        **{
            role: Rights(select=True, insert=True, update=("valid",))
            for role in (*CASE_STAFF, Role.COMPLIANCE)
        },
    },
    "audit.Report": {
        **readers(*OVERSEERS),
        **{role: Rights(select=True, insert=True) for role in PEOPLE},
        Role.SUPPORT: Rights(select=True, insert=True, may=("file_report",)),
        **{
            role: Rights(select=True, insert=True, update=REPORT_OUTCOME, may=("file_report",))
            for role in (*CASE_STAFF, Role.COMPLIANCE)
        },
        Role.WORKER: Rights(select=True, insert=True, update=REPORT_OUTCOME),
    },
    "audit.Evidence": {
        **readers(*OVERSEERS),
        **{role: Rights(select=True, insert=True, update=("keep_until",)) for role in CASE_STAFF},
        Role.COMPLIANCE: Rights(select=True, update=("keep_until",)),
        Role.WORKER: Rights(select=True, update=("keep_until",)),
        Role.RETENTION: Rights(select=True, delete=True),
    },
    "audit.Decision": {
        **readers(*OVERSEERS, Role.WORKER),
        **{role: Rights(select=True, insert=True, may=("reverse_decision",)) for role in DECISION_WRITERS},
    },
    "audit.DecisionEffect": {
        **readers(*OVERSEERS, Role.WORKER),
        **{role: Rights(select=True, insert=True) for role in DECISION_WRITERS},
    },
    "audit.StatementOfReasons": {
        **readers(*OVERSEERS, *PEOPLE),
        **{role: Rights(select=True, insert=True) for role in DECISION_WRITERS},
        Role.WORKER: Rights(select=True, update=("submitted_at",)),
    },
    "audit.Strike": {
        **readers(*OVERSEERS, Role.WORKER, *PEOPLE),
        **{
            role: Rights(select=True, insert=True, update=("revoked_by_id", "revoked_at"))
            for role in DECISION_WRITERS
        },
    },
    "audit.StrikeLadderStep": {
        **readers(*READERS_OF_CASES),
        **{
            role: Rights(
                select=True,
                insert=True,
                update=("points", "action", "lasts", "is_active"),
                may=("manage_strikeladderstep",),
            )
            for role in LEADS
        },
    },
    "audit.ActionProposal": {
        **readers(*OVERSEERS, Role.WORKER),
        **{role: Rights(select=True, insert=True, update=PROPOSAL_STATE) for role in DECISION_WRITERS},
    },
    "audit.Appeal": {
        **readers(*CASE_STAFF, *OVERSEERS, Role.WORKER),
        **{role: Rights(select=True, insert=True) for role in PEOPLE},
        **{role: Rights(select=True, update=APPEAL_STATE, may=("review_appeal",)) for role in LEADS},
    },
    "audit.DecisionNotification": {
        **readers(*OVERSEERS, Role.WORKER),
        **{role: Rights(select=True, insert=True) for role in (*DECISION_WRITERS, *PEOPLE)},
    },
    "audit.BulkJob": {
        **readers(*OVERSEERS),
        Role.MODERATOR: Rights(select=True, insert=True, update=BULK_STATE, may=("create_bulkjob",)),
        Role.LEAD_MODERATOR: Rights(
            select=True,
            insert=True,
            update=BULK_STATE,
            may=("create_bulkjob", "approve_bulkjob", "undo_bulkjob"),
        ),
        Role.WORKER: Rights(select=True, update=BULK_STATE),
    },
    "audit.BulkItem": {
        **readers(*OVERSEERS),
        **{role: Rights(select=True, insert=True, update=ITEM_STATE) for role in CASE_STAFF},
        Role.WORKER: Rights(select=True, update=ITEM_STATE),
    },
}
