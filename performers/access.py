"""Who may do what to the tables of performers: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

PUBLIC_FACE = ("stage_name", "slug", "headline", "biography", "pronouns", "displayed_location")
OWN_ADMISSION = ("status", "submitted_at", "renewal_submitted_at", "offboarded_at")
ADMISSION = (*OWN_ADMISSION, "verified_at")
RESIDENCE_END = ("valid",)
DEFINITION = ("label", "choices", "retired_at")
ATTRIBUTE_VALUE = ("words", "number", "answer", "visibility")

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
        Role.COMPLIANCE: Rights(
            select=True, update=ADMISSION, may=("examine_performerprofile", "offboard_performerprofile")
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
}
