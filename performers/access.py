"""Who may do what to the tables of performers: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

PUBLIC_FACE = ("stage_name", "slug", "headline", "biography", "pronouns", "displayed_location")
ADMISSION = ("status", "submitted_at", "verified_at", "offboarded_at")

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
        Role.PERFORMER: Rights(select=True, update=(*PUBLIC_FACE, *ADMISSION)),
        Role.MODERATOR: Rights(select=True, update=PUBLIC_FACE),
        Role.LEAD_MODERATOR: Rights(
            select=True, update=(*PUBLIC_FACE, *ADMISSION), may=("offboard_performerprofile",)
        ),
        Role.COMPLIANCE: Rights(
            select=True, update=ADMISSION, may=("examine_performerprofile", "offboard_performerprofile")
        ),
        Role.WORKER: Rights(select=True, insert=True, update=ADMISSION),
    },
}

FUNCTIONS: FunctionDeclaration = {}
