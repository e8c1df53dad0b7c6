"""What retention knows beyond the words of a model: by which law rows are kept, and how long at least."""

from django.db.models import Model

from audit.choices import RetentionAction
from core.archive.declaration import archived_of
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

YEARS_OF_RECORDS = ("P7Y", "28 CFR 75.4: seven years from the last addition to the records of a performer")
YEARS_OF_VAT = (
    "P10Y",
    "records of sales in the one-stop shop, Directive 2006/112/EC art. 369 and 369k: ten years",
)
YEARS_OF_BOOKS = ("P7Y", "books and what they rest on: seven years")
YEARS_OF_MONEY_LAUNDERING = ("P5Y", "Regulation (EU) 2024/1624 art. 77: five years after the relationship")
YEARS_OF_PENALTIES = ("P5Y", "limitation of penalties, Regulation (EU) 2022/2065 art. 77: five years")
MONTHS_OF_COMPLAINTS = ("P6M", "complaints about decisions, Regulation (EU) 2022/2065 art. 20(1): six months")

MINIMUM_OF_TABLE = {
    "accounts_ageassurance": YEARS_OF_PENALTIES,
    "audit_appeal": MONTHS_OF_COMPLAINTS,
    "audit_decision": MONTHS_OF_COMPLAINTS,
    "audit_statementofreasons": MONTHS_OF_COMPLAINTS,
    "billing_kyccase": YEARS_OF_MONEY_LAUNDERING,
    "billing_providerevent": None,
    "billing_providereventkey": None,
    "billing_sanctionsscreening": YEARS_OF_MONEY_LAUNDERING,
    "performers_identitydocument": YEARS_OF_RECORDS,
    "performers_identityrecord": YEARS_OF_RECORDS,
    "performers_performeralias": YEARS_OF_RECORDS,
    "performers_studio": YEARS_OF_BOOKS,
    "performers_studiomembership": YEARS_OF_BOOKS,
    "streams_participant": YEARS_OF_RECORDS,
    "streams_privateshow": YEARS_OF_BOOKS,
    "streams_release": YEARS_OF_RECORDS,
}
"""The shortest period that a law allows, with the law; None: a table of billing for which none is known."""

KEPT_WORDS = ("for ever", "for good", "while the platform lives")


def basis_of(model: type[Model]) -> str:
    """By which law rows of the table are kept, and then deleted; a history is kept as its subject is."""
    subject = subject_of(model) or model
    return BASIS_OF_TABLE.get(subject._meta.db_table, BASIS_OF_APP[subject._meta.app_label])


def minimum_of(model: type[Model]) -> tuple[str | None, str]:
    """The shortest period that a law allows for a table, and the law; None and nothing: no law names one."""
    subject = subject_of(model) or model
    default = YEARS_OF_VAT if subject._meta.app_label == "billing" else None
    return MINIMUM_OF_TABLE.get(subject._meta.db_table, default) or (None, "")


def action_of(model: type[Model], term: Term) -> RetentionAction:
    """What is done when the time is over."""
    if term.period is None:
        if "emptied on erasure" in term.words:
            return RetentionAction.BLANK
        return RetentionAction.KEEP if term.words.startswith(KEPT_WORDS) else RetentionAction.DELETE
    return RetentionAction.ARCHIVE if archived_of(model) else RetentionAction.DELETE


def online_period_of(model: type[Model]) -> str | None:
    """How long partitions stay in the database before they go to the archive; None: they do not go there."""
    declared = archived_of(model)
    return declared.term.period if declared else None
