"""What retention does beyond the words of a model: by which law, and which tables `retention_run` empties now."""

from django.db.models import Model

from audit.choices import RetentionAction
from core.models.partitioned import Partitioned
from core.models.storage import Term, subject_of

CONTRACT = "performance of the contract with the person (GDPR art. 6(1)(b))"
CLAIMS = "establishment and defence of legal claims (GDPR art. 17(3)(e))"
SECURITY = "security of processing (GDPR art. 6(1)(f) and 32)"
ACCOUNTABILITY = "accountability (GDPR art. 5(2) and 17(3)(b))"
RECORDS = "records of performers, a legal obligation (18 U.S.C. 2257, 28 CFR 75.4; GDPR art. 17(3)(b))"
BOOKS = "bookkeeping, a legal obligation (GDPR art. 6(1)(c) and 17(3)(b))"
WORKINGS = "working of the platform; no data about people"

BASIS_OF_APP = {
    "core": WORKINGS,
    "accounts": CONTRACT,
    "performers": CONTRACT,
    "streams": CONTRACT,
    "billing": BOOKS,
    "engagement": CONTRACT,
    "analytics": "legitimate interest in figures (GDPR art. 6(1)(f) and 89)",
    "audit": ACCOUNTABILITY,
}
"""By app, where no table is named below. Proposals for counsel; compliance changes them in the back office."""

BASIS_OF_TABLE = {
    "accounts_acceptance": CLAIMS,
    "accounts_accountflag": CLAIMS,
    "accounts_ageassurance": "proof that minors were kept out, a legal obligation (GDPR art. 17(3)(b))",
    "accounts_consent": "proof of consent (GDPR art. 7(1) and 17(3)(b))",
    "accounts_loginevent": SECURITY,
    "accounts_reservedhandle": "rights of others, against impersonation (GDPR art. 17(3)(e))",
    "accounts_restriction": CLAIMS,
    "accounts_rolegrant": ACCOUNTABILITY,
    "accounts_usersession": SECURITY,
    "performers_identitydocument": RECORDS,
    "performers_identityrecord": RECORDS,
    "performers_performeralias": RECORDS,
    "performers_studio": BOOKS,
    "performers_studiomembership": BOOKS,
    "streams_archivedecision": CLAIMS,
    "streams_archivetransition": CLAIMS,
    "streams_participant": RECORDS,
    "streams_privateshow": BOOKS,
    "streams_recordingreport": "accounting with the provider (GDPR art. 17(3)(b))",
    "streams_release": RECORDS,
    "streams_stream": CLAIMS,
    "streams_streamtransition": CLAIMS,
    "audit_heldrow": "the demand of an authority, named by the hold (GDPR art. 17(3)(b) and (e))",
    "audit_legalhold": "the demand of an authority (GDPR art. 17(3)(b) and (e))",
    "audit_securityevent": SECURITY,
}

ENDED_AT = {
    "accounts_usersession": "least({row}.revoked_at, {row}.expires_at)",
    "billing_providereventkey": "uuid_extract_timestamp({row}.id)",
    "engagement_block": "{row}.ended_at",
    "engagement_counterfold": "{row}.folded_at",
    "engagement_follow": "{row}.ended_at",
    "engagement_mute": "{row}.expires_at",
    "engagement_notificationeventkey": "uuid_extract_timestamp({row}.id)",
    "engagement_reactionkey": "uuid_extract_timestamp({row}.id)",
    "engagement_share": "uuid_extract_timestamp({row}.id)",
    "performers_performermetric": "{row}.day::timestamp AT TIME ZONE 'UTC'",
    "performers_timeoff": "upper({row}.during)",
    "streams_objectremoval": "{row}.confirmed_at",
    "audit_heldrow": "(SELECT upper(h.valid) FROM audit_legalhold h WHERE h.id = {row}.hold_id)",
}
"""Tables that `retention_run` empties, with the instant from which their period counts, as SQL; null: not begun.

Side tables to which nothing refers. Everything else waits for the life cycle of partitions, or goes with what it
belongs to. A table is added together with the rights of the retention role.
"""

YEARS = ("Y",)
KEPT_WORDS = ("for ever", "for good", "while the platform lives")


def basis_of(model: type[Model]) -> str:
    """By which law rows of the table are kept, and then deleted; a history is kept as its subject is."""
    subject = subject_of(model) or model
    return BASIS_OF_TABLE.get(subject._meta.db_table, BASIS_OF_APP[subject._meta.app_label])


def action_of(model: type[Model], term: Term) -> RetentionAction:
    """What is done when the time is over."""
    if term.period is None:
        if "emptied on erasure" in term.words:
            return RetentionAction.BLANK
        return RetentionAction.KEEP if term.words.startswith(KEPT_WORDS) else RetentionAction.DELETE
    if issubclass(model, Partitioned) and term.period.endswith(YEARS):
        return RetentionAction.ARCHIVE
    return RetentionAction.DELETE
