"""Who may do what to the tables of accounts: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, Role

STATUS = ("status", "closed_at")
RESTRICTION_END = ("valid", "lifted_by_id")
FLAG_END = ("resolved_at", "resolved_by_id", "resolution")
QUARANTINE = ("handle", "previous_owner_id", "reserved_until")
SESSION_END = ("revoked_at", "revoked_by_id")
CONTACT_STATE = ("verified_at", "is_primary")
VERIFICATION_STATE = ("code_digest", "sent_at", "expires_at", "attempts", "outcome", "ended_at")
SESSION_USE = ("last_used_at", "token_digest", "second_factor_at", *SESSION_END)
APP_USE = (
    "drift",
    "last_t",
    "last_used_at",
    "throttling_failure_count",
    "throttling_failure_timestamp",
)
DOCUMENT_TEXT = ("version_label", "title", "text", "status", "published_at", "effective_at", "supersedes_id")
CONSENT_END = ("valid", "withdrawn_channel")
AGE_END = ("valid", "ending", "ended_by_id")
MEDIA_DECISION = ("status", "decided_by_id", "decided_at", "decision_reason")
OWN_SETTINGS = ("handle", "locale", "time_zone", "country")
PREFERENCES = (
    "display_name",
    "autoplay",
    "captions",
    "quality_cap",
    "reduced_motion",
    "blurred_media",
    "quiet_from",
    "quiet_until",
)

ACCESS: AccessDeclaration = {
    "accounts.User": {
        **readers(Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR),
        Role.APP: Rights(select=True, update=("last_seen_at",)),
        Role.VIEWER: Rights(select=True, insert=True, update=(*OWN_SETTINGS, *STATUS)),
        Role.PERFORMER: Rights(select=True, update=OWN_SETTINGS),
        Role.SUPPORT: Rights(select=True, update=("handle",), may=("rename_user", "flag_user")),
        Role.MODERATOR: Rights(select=True, update=("status",), may=("restrict_user", "flag_user")),
        Role.LEAD_MODERATOR: Rights(
            select=True,
            update=("handle", *STATUS),
            may=("restrict_user", "suspend_user", "rename_user", "flag_user"),
        ),
        Role.COMPLIANCE: Rights(
            select=True,
            update=STATUS,
            may=("restrict_user", "suspend_user", "close_user", "flag_user", "erase_user"),
        ),
        Role.ADMINISTRATOR: Rights(
            select=True,
            insert=True,
            update=("handle", *STATUS),
            may=("restrict_user", "rename_user", "reset_second_factor", "lift_lock_out"),
        ),
        Role.WORKER: Rights(select=True, insert=True, update=("status",)),
    },
    "accounts.UserPassword": {
        Role.APP: Rights(select=True, update=("password_hash", "changed_at")),
        Role.VIEWER: Rights(select=True, insert=True),
        Role.ADMINISTRATOR: Rights(select=True, insert=True),
    },
    "accounts.ReservedHandle": {
        **readers(Role.APP, Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR),
        Role.VIEWER: Rights(select=True, insert=True, update=QUARANTINE),
        Role.PERFORMER: Rights(select=True, insert=True, update=QUARANTINE),
        Role.WORKER: Rights(select=True, insert=True, delete=True),
        Role.SUPPORT: Rights(select=True, insert=True, update=QUARANTINE),
        Role.MODERATOR: Rights(select=True, insert=True, may=("reserve_handle",)),
        Role.COMPLIANCE: Rights(select=True, insert=True),
        Role.LEAD_MODERATOR: Rights(
            select=True, insert=True, update=QUARANTINE, delete=True, may=("reserve_handle",)
        ),
        Role.ADMINISTRATOR: Rights(
            select=True, insert=True, update=QUARANTINE, delete=True, may=("reserve_handle",)
        ),
    },
    "accounts.RoleGrant": {
        **readers(Role.APP, Role.AUDITOR),
        Role.ADMINISTRATOR: Rights(select=True, insert=True, update=("valid",), may=("grant_role",)),
    },
    "accounts.Restriction": {
        **readers(Role.APP, Role.WORKER, Role.SUPPORT, Role.AUDITOR, Role.VIEWER, Role.PERFORMER),
        Role.MODERATOR: Rights(select=True, insert=True, update=RESTRICTION_END),
        Role.LEAD_MODERATOR: Rights(select=True, insert=True, update=RESTRICTION_END),
        Role.COMPLIANCE: Rights(select=True, insert=True, update=RESTRICTION_END),
        Role.ADMINISTRATOR: Rights(select=True, insert=True, update=RESTRICTION_END),
    },
    "accounts.AccountFlag": {
        **readers(Role.AUDITOR, Role.ADMINISTRATOR),
        Role.SUPPORT: Rights(select=True, insert=True, update=FLAG_END),
        Role.MODERATOR: Rights(select=True, insert=True, update=FLAG_END),
        Role.LEAD_MODERATOR: Rights(select=True, insert=True, update=FLAG_END),
        Role.COMPLIANCE: Rights(select=True, insert=True, update=FLAG_END),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "accounts.ViewerProfile": {
        **readers(Role.MODERATOR, Role.LEAD_MODERATOR, Role.AUDITOR),
        # Rectification (GDPR art. 16): the name, for a request of the person.
        Role.COMPLIANCE: Rights(select=True, update=("display_name",)),
        Role.VIEWER: Rights(select=True, insert=True, update=PREFERENCES),
        Role.PERFORMER: Rights(select=True, update=PREFERENCES),
        Role.SUPPORT: Rights(select=True, update=PREFERENCES),
        Role.ADMINISTRATOR: Rights(select=True, insert=True),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "accounts.UserContact": {
        **readers(Role.AUDITOR),
        Role.VIEWER: Rights(select=True, insert=True, update=CONTACT_STATE, delete=True),
        Role.PERFORMER: Rights(select=True, insert=True, update=CONTACT_STATE, delete=True),
        Role.SUPPORT: Rights(select=True, may=("reveal_usercontact",)),
        Role.COMPLIANCE: Rights(select=True, update=CONTACT_STATE, delete=True, may=("reveal_usercontact",)),
        Role.ADMINISTRATOR: Rights(select=True, insert=True, may=("reveal_usercontact",)),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "accounts.ContactVerification": {
        **readers(Role.SUPPORT, Role.AUDITOR),
        Role.VIEWER: Rights(select=True, insert=True, update=VERIFICATION_STATE, delete=True),
        Role.PERFORMER: Rights(select=True, insert=True, update=VERIFICATION_STATE, delete=True),
        Role.COMPLIANCE: Rights(select=True, delete=True),
        Role.ADMINISTRATOR: Rights(select=True, insert=True),
        Role.WORKER: Rights(select=True, insert=True, update=VERIFICATION_STATE, delete=True),
    },
    "accounts.UserSession": {
        **readers(Role.AUDITOR),
        Role.APP: Rights(select=True, insert=True, update=SESSION_USE),
        Role.VIEWER: Rights(select=True, update=SESSION_END),
        Role.PERFORMER: Rights(select=True, update=SESSION_END),
        Role.SUPPORT: Rights(select=True, update=SESSION_END, may=("revoke_session",)),
        Role.MODERATOR: Rights(select=True, update=SESSION_END, may=("revoke_session",)),
        Role.LEAD_MODERATOR: Rights(select=True, update=SESSION_END, may=("revoke_session",)),
        Role.COMPLIANCE: Rights(select=True, update=SESSION_END, may=("revoke_session",)),
        Role.ADMINISTRATOR: Rights(select=True, update=SESSION_END, may=("revoke_session",)),
    },
    # Secrets of the second factor: the login role alone.
    "accounts.TotpDevice": {Role.APP: Rights(select=True, insert=True, update=APP_USE, delete=True)},
    "accounts.RecoveryCode": {Role.APP: Rights(select=True, insert=True, update=("used_at",), delete=True)},
    # Written by accounts_login_record alone.
    "accounts.LoginEvent": readers(
        Role.VIEWER,
        Role.PERFORMER,
        Role.SUPPORT,
        Role.MODERATOR,
        Role.LEAD_MODERATOR,
        Role.COMPLIANCE,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    ),
    "accounts.LegalDocument": {
        **readers(Role.APP, *(role for role in ACTING_ROLES if role is not Role.COMPLIANCE)),
        Role.COMPLIANCE: Rights(
            select=True, insert=True, update=DOCUMENT_TEXT, may=("publish_legaldocument",)
        ),
    },
    "accounts.Acceptance": {
        **readers(Role.COMPLIANCE, Role.AUDITOR),
        Role.VIEWER: Rights(select=True, insert=True),
        Role.PERFORMER: Rights(select=True, insert=True),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "accounts.Consent": {
        **readers(Role.AUDITOR),
        Role.VIEWER: Rights(select=True, insert=True, update=CONSENT_END),
        Role.PERFORMER: Rights(select=True, insert=True, update=CONSENT_END),
        Role.COMPLIANCE: Rights(select=True, update=CONSENT_END),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "accounts.AgeAssurance": {
        **readers(Role.VIEWER, Role.PERFORMER, Role.AUDITOR),
        Role.COMPLIANCE: Rights(select=True, insert=True, update=AGE_END, may=("revoke_ageassurance",)),
        Role.WORKER: Rights(select=True, insert=True, update=AGE_END),
    },
    "accounts.IdentityProviderLink": {
        Role.APP: Rights(select=True, update=("last_used_at",)),
        Role.VIEWER: Rights(select=True, insert=True, delete=True),
        Role.PERFORMER: Rights(select=True, insert=True, delete=True),
    },
    "accounts.ProfileMedia": {
        **readers(Role.AUDITOR, Role.WORKER),
        Role.VIEWER: Rights(select=True, insert=True, update=("status", "position")),
        Role.PERFORMER: Rights(select=True, insert=True, update=("status", "position")),
        Role.MODERATOR: Rights(select=True, update=MEDIA_DECISION, may=("decide_profilemedia",)),
        Role.LEAD_MODERATOR: Rights(select=True, update=MEDIA_DECISION, may=("decide_profilemedia",)),
    },
}

FUNCTIONS: FunctionDeclaration = {
    "accounts_login_record(uuid, text, inet, text)": (Role.APP,),
    "accounts_person_reached(text, bytea[])": (Role.APP,),
    "accounts_second_factor_reset(uuid)": (Role.ADMINISTRATOR,),
    "accounts_second_factor_state(uuid)": (Role.ADMINISTRATOR,),
    "accounts_person_erase(uuid)": (Role.COMPLIANCE,),
    "accounts_person_survey(uuid)": (Role.COMPLIANCE,),
}
