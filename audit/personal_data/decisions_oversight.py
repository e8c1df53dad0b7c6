"""Decisions about the tables of audit, and of the libraries."""

from audit.personal_data.declarations import Decision, Given, Nobodys, Way, Withheld
from audit.personal_data.reasons import (
    AUTHORITY,
    DELIBERATION,
    DIGEST,
    FRAMEWORK,
    IDS_ONLY,
    NO_ACCOUNT,
    OTHERS,
    REPORTER,
    SECRET,
    STAFF,
)

ROLES_OF_A_PERSON = "('accounts.user', 'performers.performerprofile')"
ABOUT = f"{{row}}.subject_type IN {ROLES_OF_A_PERSON} AND {{row}}.subject_id = {{person}}"
OF_EVENTS = "{{row}}.id IN (SELECT e.id FROM audit_event e WHERE {condition})"
NAMED = f"e.subject_type IN {ROLES_OF_A_PERSON} AND e.subject_id = {{person}}"
WITHOUT_REPORTER = dict.fromkeys(
    ("words", "reporter", "organisation", "organisation_reference", "good_faith", "entered_by"), REPORTER
)
REFERENCE_DATA = (
    "AccessReview",
    "BulkJob",
    "CasePresence",
    "CaseSkip",
    "Claim",
    "ModerationPolicy",
    "PolicyVersion",
    "Queue",
    "QueueRule",
    "RetentionPolicy",
    "StrikeLadderStep",
    "TrailVerification",
)
"""Tables in which people appear only as who of the staff acted."""

OVERSIGHT: dict[str, Decision] = {
    **{f"audit.{name}": Nobodys(STAFF) for name in REFERENCE_DATA},
    "audit.Appeal": Given(
        (
            Way("appellant", provided=("decision", "side", "words", "filed_at")),
            Way("person", withheld={"appellant": REPORTER, "words": REPORTER}),
        )
    ),
    "audit.CaseEvent": Given(
        (
            Way("{row}.person_id = {person} AND {row}.audience = 'person'"),
            Way(
                "{row}.audience = 'reporters' AND {row}.case_id IN "
                "(SELECT r.case_id FROM audit_report r WHERE r.reporter_id = {person})"
            ),
            Way("person", withheld={"words": DELIBERATION}),
        )
    ),
    # Whoever is reported to an authority may not be told (31 U.S.C. 5318(g)(2)).
    "audit.ComplianceFiling": Withheld(AUTHORITY),
    "audit.CounterNotice": Given(provided=("notice", "received_at", "statement")),
    "audit.Event": Given(
        (
            Way(
                "actor",
                withheld={"detail": OTHERS},
                shown={
                    "subject_id": f"CASE WHEN {{row}}.subject_type IN {ROLES_OF_A_PERSON} "
                    "AND {row}.subject_id <> {person} THEN NULL ELSE {row}.subject_id END"
                },
            ),
            Way(ABOUT),
        ),
        withheld={"label_digest": DIGEST, "xact": DIGEST},
    ),
    # Copies of what the person made are their own; around a message stand those of others, and staff add more.
    "audit.Evidence": Given(
        (
            Way(
                "{row}.person_id = {person} AND {row}.kind IN ('snapshot', 'media') "
                "AND {row}.subject_kind IN ('person', 'profile', 'stream', 'archive')"
            ),
            Way("person", withheld={"content": OTHERS, "object_key": OTHERS}),
        ),
        withheld={"sha256": DIGEST},
        shown_secrets=("object_key",),
    ),
    "audit.FilingTransition": Withheld(AUTHORITY),
    "audit.HeldRow": Withheld(AUTHORITY),
    "audit.Label": Given(
        (
            Way(OF_EVENTS.format(condition=f"e.actor_id = {{person}} AND {NAMED}")),
            Way(OF_EVENTS.format(condition="e.actor_id = {person}"), withheld={"subject_label": OTHERS}),
            Way(
                OF_EVENTS.format(condition=NAMED),
                withheld={"actor_label": OTHERS, "address": OTHERS},
            ),
        ),
        withheld={"salt": SECRET},
    ),
    "audit.LegalHold": Withheld(AUTHORITY),
    "audit.ArchivedPartition": Nobodys("It tells of a file and of the table whose rows are in it."),
    "audit.ArchiveKey": Given(withheld={"key": SECRET}),
    "audit.PersonalArchive": Given(
        withheld={"file_key": SECRET}, shown_secrets=("object_key", "sha256", "content_sha256")
    ),
    # The words of the person stand in engagement_directmessage; that they were copied could tell who reported them.
    "audit.PrivateCopy": Given((Way("reporter"),)),
    "audit.Report": Given(
        (
            Way("reporter", provided=("subject_kind", "category", "words", "created_at")),
            Way("person", withheld=WITHOUT_REPORTER),
        )
    ),
    "audit.RequestStep": Given(shown_secrets=("object_key",)),
    "audit.SavedFilter": Given((Way("owner"),)),
    "audit.SecurityEvent": Given((Way("person"), Way("actor", withheld={"detail": OTHERS}))),
    # Whose data a member of staff read is about those people.
    "audit.SensitiveRead": Given((Way("person"),)),
    "audit.TakedownClaimant": Nobodys(NO_ACCOUNT),
    "audit.TakedownNotice": Nobodys(NO_ACCOUNT),
    "audit.TakedownTransition": Nobodys(STAFF),
}

LIBRARIES: dict[str, Decision] = {
    "admin.LogEntry": Nobodys(STAFF),
    "auth.Group": Nobodys(FRAMEWORK),
    "auth.Group_permissions": Nobodys(FRAMEWORK),
    "auth.Permission": Nobodys(FRAMEWORK),
    "axes.AccessAttempt": Given(
        (Way("{row}.username = {person}::text", withheld={"get_data": SECRET, "post_data": SECRET}),)
    ),
    "axes.AccessAttemptExpiration": Nobodys(FRAMEWORK),
    "axes.AccessFailureLog": Nobodys("Nothing is written to it: accounts_loginevent is the record."),
    "axes.AccessLog": Nobodys("Nothing is written to it: accounts_loginevent is the record."),
    "contenttypes.ContentType": Nobodys(FRAMEWORK),
    "procrastinate.ProcrastinateEvent": Nobodys(IDS_ONLY),
    "procrastinate.ProcrastinateJob": Nobodys(IDS_ONLY),
    "procrastinate.ProcrastinatePeriodicDefer": Nobodys(IDS_ONLY),
    "procrastinate.ProcrastinateWorker": Nobodys(IDS_ONLY),
    "sessions.Session": Withheld(
        "Its key stands for your password; what it says of a device stands in accounts_usersession (GDPR art. 32)."
    ),
}
