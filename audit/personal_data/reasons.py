"""Why something is not handed out, in words that the person reads."""

SECRET = "A secret, or what stands for one: whoever has it could act as you (GDPR art. 32)."  # noqa: S105  (a reason)
DIGEST = (
    "A digest, which says nothing that is not given beside it, and helps to find by value whoever has a copy."
)
INNER = "A key by which our programs tell one call from the next; it says nothing of you."
COPY = "A copy, made anew from rows that are given."

OTHERS = "It is about somebody else, whose rights it would affect (GDPR art. 15(4))."
REPORTER = (
    "Who reports is protected: it could tell who did (GDPR art. 15(4); Regulation (EU) 2022/2065, art. 16)."
)
DELIBERATION = "Notes of staff while a case is worked, in which others are named (GDPR art. 15(4))."
AUTHORITY = "Kept or examined for an authority, of which nobody may be told (GDPR art. 23; art. 15(4))."
LAUNDERING = (
    "Examined by law against money laundering, which forbids to tell (Directive (EU) 2015/849, art. 39, 41)."
)
FRAUD = "How misuse is noticed: telling it would help the next one (GDPR recital 63)."

RAW = "A message or file of a provider or bank, as it came; what it says of you stands on the payment or payout."

STAFF = "It says only who of the staff acted, or about settings; what somebody did stands in audit_event."
COMPANY = "It is about a company, which is no person."
NO_ACCOUNT = "It is about somebody without an account, who is answered by hand from the notice itself."
FRAMEWORK = "It is about the working of the software and names nobody."
IDS_ONLY = (
    "Work that waits carries ids and small values, never personal data, and is deleted when it is done."
)
