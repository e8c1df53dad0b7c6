"""Who may do what to the tables of performers: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

PUBLIC_FACE = ("stage_name", "slug", "headline", "biography", "pronouns", "displayed_location")
OWN_ADMISSION = ("status", "submitted_at", "renewal_submitted_at", "offboarded_at")
RESIDENCE_END = ("valid",)
DEFINITION = ("label", "choices", "retired_at")
ATTRIBUTE_VALUE = ("words", "number", "visibility")
SERIES_PLAN = (
    "title",
    "time_zone",
    "first_day",
    "local_time",
    "duration_minutes",
    "rule",
    "last_day",
)
OCCURRENCE_PLAN = ("during", "status", "moved_at", "cancelled_at", "reason")
STREAM_SETTINGS = (
    "latency_mode",
    "resolution",
    "bit_rate_kbit",
    "chat_mode",
    "visibility",
    "private_show_rate",
    "label_codes",
)
FIGURES = ("followers", "minutes_live", "average_viewers", "peak_viewers", "earned_tokens")
ADMISSION = (*OWN_ADMISSION, "verified_at")

ACCESS: AccessDeclaration = {
    "performers.PerformerProfile": {
        **readers(
            Role.SUPPORT,
            Role.FINANCE,
            Role.FINANCE_APPROVER,
            Role.ANALYST,
            Role.AUDITOR,
            Role.ADMINISTRATOR,
        ),
        Role.VIEWER: Rights(select=True, insert=True),
        Role.PERFORMER: Rights(select=True, update=(*PUBLIC_FACE, *OWN_ADMISSION)),
        Role.MODERATOR: Rights(select=True, update=PUBLIC_FACE, may=("correct_performerprofile",)),
        Role.LEAD_MODERATOR: Rights(
            select=True,
            update=(*PUBLIC_FACE, *ADMISSION),
            may=("correct_performerprofile", "offboard_performerprofile"),
        ),
        # What the profile says, for rectification (GDPR art. 16).
        Role.COMPLIANCE: Rights(
            select=True,
            update=(*PUBLIC_FACE, *ADMISSION),
            may=("examine_performerprofile", "offboard_performerprofile"),
        ),
        Role.WORKER: Rights(select=True, insert=True, update=ADMISSION),
    },
    "performers.PerformerResidence": {
        **readers(Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR),
        Role.WORKER: Rights(select=True, insert=True),
        Role.PERFORMER: Rights(select=True, insert=True, update=RESIDENCE_END),
        Role.COMPLIANCE: Rights(select=True, insert=True, update=RESIDENCE_END),
    },
    "performers.PerformerLanguage": {
        **readers(
            Role.VIEWER,
            Role.SUPPORT,
            Role.MODERATOR,
            Role.LEAD_MODERATOR,
            Role.FINANCE,
            Role.FINANCE_APPROVER,
            Role.COMPLIANCE,
            Role.ANALYST,
            Role.AUDITOR,
            Role.ADMINISTRATOR,
        ),
        Role.PERFORMER: Rights(select=True, insert=True, update=("level",), delete=True),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "performers.AttributeDefinition": {
        **readers(
            Role.VIEWER,
            Role.PERFORMER,
            Role.SUPPORT,
            Role.MODERATOR,
            Role.ANALYST,
            Role.AUDITOR,
            Role.ADMINISTRATOR,
            Role.WORKER,
        ),
        Role.LEAD_MODERATOR: Rights(
            select=True, insert=True, update=DEFINITION, may=("define_attributedefinition",)
        ),
        Role.COMPLIANCE: Rights(
            select=True, insert=True, update=DEFINITION, may=("define_attributedefinition",)
        ),
    },
    "performers.PerformerAttribute": {
        **readers(Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.AUDITOR),
        Role.VIEWER: Rights(select=True, delete=True),
        Role.PERFORMER: Rights(select=True, insert=True, update=ATTRIBUTE_VALUE, delete=True),
        Role.COMPLIANCE: Rights(select=True, delete=True),
        Role.WORKER: Rights(select=True, delete=True),
    },
    # Stage names are written by a trigger of the profile, with the owner's rights.
    "performers.PerformerAlias": {
        **readers(Role.AUDITOR),
        Role.PERFORMER: Rights(select=True, insert=True),
        Role.COMPLIANCE: Rights(select=True, insert=True),
    },
    "performers.IdentityRecord": {
        **readers(Role.AUDITOR),
        Role.PERFORMER: Rights(select=True, insert=True),
        Role.COMPLIANCE: Rights(select=True, insert=True, may=("reveal_identityrecord",)),
    },
    "performers.IdentityDocument": {
        **readers(Role.AUDITOR),
        Role.PERFORMER: Rights(select=True, insert=True),
        Role.COMPLIANCE: Rights(select=True, may=("reveal_identitydocument",)),
    },
    "performers.ScheduleSeries": {
        **readers(Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.ANALYST, Role.AUDITOR),
        Role.PERFORMER: Rights(select=True, insert=True, update=(*SERIES_PLAN, "ended_at", "expanded_until")),
        Role.SUPPORT: Rights(select=True, update=("ended_at",), may=("manage_schedule",)),
        Role.WORKER: Rights(select=True, update=("expanded_until",)),
    },
    "performers.ScheduleOccurrence": {
        **readers(
            Role.VIEWER, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.ANALYST, Role.AUDITOR
        ),
        Role.PERFORMER: Rights(select=True, insert=True, update=("title", "time_zone", *OCCURRENCE_PLAN)),
        Role.SUPPORT: Rights(select=True, update=OCCURRENCE_PLAN),
        Role.WORKER: Rights(select=True, insert=True, update=("status",)),
    },
    "performers.TimeOff": {
        **readers(Role.SUPPORT, Role.AUDITOR, Role.WORKER),
        Role.PERFORMER: Rights(select=True, insert=True, update=("withdrawn_at",)),
    },
    "performers.Studio": {
        **readers(Role.FINANCE_APPROVER, Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR),
        Role.FINANCE: Rights(select=True, insert=True),
    },
    "performers.StudioMembership": {
        **readers(
            Role.PERFORMER, Role.FINANCE_APPROVER, Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR, Role.WORKER
        ),
        Role.FINANCE: Rights(select=True, insert=True, update=("valid",)),
    },
    "performers.StreamingDefault": {
        **readers(Role.SUPPORT, Role.AUDITOR, Role.WORKER),
        Role.PERFORMER: Rights(select=True, insert=True, update=STREAM_SETTINGS),
    },
    "performers.Presence": {
        **readers(
            Role.VIEWER,
            Role.SUPPORT,
            Role.MODERATOR,
            Role.LEAD_MODERATOR,
            Role.COMPLIANCE,
            Role.ANALYST,
            Role.AUDITOR,
        ),
        Role.PERFORMER: Rights(select=True, insert=True, update=("state", "since"), delete=True),
        Role.WORKER: Rights(select=True, insert=True, update=("state", "since"), delete=True),
    },
    "performers.GeoBlock": {
        **readers(
            Role.VIEWER,
            Role.SUPPORT,
            Role.MODERATOR,
            Role.LEAD_MODERATOR,
            Role.COMPLIANCE,
            Role.ANALYST,
            Role.AUDITOR,
            Role.WORKER,
        ),
        Role.PERFORMER: Rights(select=True, insert=True, delete=True),
    },
    "performers.PayoutPreference": {
        **readers(Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR, Role.WORKER),
        Role.PERFORMER: Rights(select=True, insert=True, update=("schedule", "minimum", "currency")),
    },
    "performers.PerformerMetric": {
        **readers(
            Role.PERFORMER,
            Role.SUPPORT,
            Role.LEAD_MODERATOR,
            Role.FINANCE,
            Role.FINANCE_APPROVER,
            Role.ANALYST,
            Role.AUDITOR,
        ),
        Role.WORKER: Rights(select=True, insert=True, update=FIGURES),
    },
}

FUNCTIONS: FunctionDeclaration = {
    "performers_obstacles(uuid[], timestamp with time zone)": (
        Role.PERFORMER,
        Role.SUPPORT,
        Role.MODERATOR,
        Role.LEAD_MODERATOR,
        Role.COMPLIANCE,
        Role.AUDITOR,
        Role.WORKER,
    ),
    "performers_run_out(timestamp with time zone, integer)": (Role.WORKER,),
    "performers_person_survey(uuid)": (Role.COMPLIANCE,),
    "performers_person_erase(uuid)": (Role.COMPLIANCE,),
    "performers_schedule_lock(uuid)": (Role.PERFORMER, Role.SUPPORT, Role.WORKER),
}
