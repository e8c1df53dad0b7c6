"""Who may do what to the tables of streams: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, Role

EVERY_READER = tuple(role for role in ACTING_ROLES)
READ_ALONE = (Role.FINANCE, Role.FINANCE_APPROVER, Role.ANALYST, Role.AUDITOR)
"""They change nobody who is found."""

STAFF_WHO_READ = (
    Role.SUPPORT,
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.ANALYST,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
STREAM_STATE = ("status", "started_at", "ended_at", "end_reason", "lease", "last_heartbeat_at")
STREAM_WORDS = ("title", "description", "thumbnail_key", "language", "visibility", "scheduled_start_at")
ARCHIVE_WORDS = ("title", "description", "visibility", "published_at")
CATEGORY_COLUMNS = ("name", "slug", "is_listed", "merged_into_id", "path", "depth", "numchild")
TAG_REVIEW = ("is_usable", "is_listable", "reviewed_at", "reviewed_by_id")
LABEL_WORDS = ("name", "description", "severity", "minimum_age", "is_in_use")
PRIVATE_SHOW_STATE = ("status", "started_at", "ended_at")
RULE_VALUES = ("minimum_age", "countries", "country_mode")
WATCH_ASKERS = (
    Role.VIEWER,
    Role.PERFORMER,
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.WORKER,
)
ARCHIVE_STAFF = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
ARCHIVE_PLAYBACK = (
    "poster_key",
    "default_rendition_id",
    "preview_seconds",
    "download_allowed",
    "embed_allowed",
    "link_lifetime_seconds",
)
ARCHIVE_END = ("retention_class", "purge_at", "deleted_at")
RECORDING_STATE = (
    "status",
    "started_at",
    "ended_at",
    "reported_at",
    "heard_at",
    "poll_requested_at",
    "error_code",
    "error_words",
    "retry_count",
    "checksum",
)
CLIP_END = ("status", "removed_by_id", "removed_at", "removal_reason")

ACCESS: AccessDeclaration = {
    "streams.Stream": {
        **readers(Role.VIEWER, *STAFF_WHO_READ),
        Role.PERFORMER: Rights(select=True, insert=True, update=(*STREAM_WORDS, *STREAM_STATE, "deleted_at")),
        Role.MODERATOR: Rights(
            select=True, update=(*STREAM_WORDS, *STREAM_STATE, "hidden_at"), may=("end_stream",)
        ),
        Role.LEAD_MODERATOR: Rights(
            select=True, update=(*STREAM_WORDS, *STREAM_STATE, "hidden_at"), may=("end_stream",)
        ),
        # Take-downs are carried out by the service, in the name of whoever decides; no room offers it by itself.
        Role.COMPLIANCE: Rights(select=True, update=STREAM_STATE),
        Role.WORKER: Rights(select=True, insert=True, update=(*STREAM_WORDS, *STREAM_STATE)),
    },
    "streams.Category": {
        **readers(*EVERY_READER),
        Role.LEAD_MODERATOR: Rights(
            select=True, insert=True, update=CATEGORY_COLUMNS, may=("curate_category",)
        ),
        Role.ADMINISTRATOR: Rights(
            select=True, insert=True, update=CATEGORY_COLUMNS, may=("curate_category",)
        ),
        Role.WORKER: Rights(select=True, insert=True, update=("numchild",)),
    },
    "streams.Tag": {
        **readers(*EVERY_READER),
        **dict.fromkeys((Role.PERFORMER, Role.WORKER), Rights(select=True, insert=True)),
        Role.MODERATOR: Rights(select=True, insert=True, update=TAG_REVIEW, may=("review_tag",)),
        **dict.fromkeys(
            (Role.LEAD_MODERATOR, Role.ADMINISTRATOR),
            Rights(
                select=True,
                insert=True,
                update=(*TAG_REVIEW, "merged_into_id"),
                may=("review_tag", "merge_tag"),
            ),
        ),
    },
    "streams.ContentLabel": {
        **readers(*EVERY_READER),
        **dict.fromkeys(
            (Role.LEAD_MODERATOR, Role.ADMINISTRATOR),
            Rights(select=True, insert=True, update=LABEL_WORDS, may=("define_contentlabel",)),
        ),
    },
    "streams.Recording": {
        **readers(Role.PERFORMER, Role.MODERATOR, Role.LEAD_MODERATOR, *STAFF_WHO_READ),
        Role.WORKER: Rights(select=True, insert=True, update=RECORDING_STATE),
    },
    "streams.Archive": {
        **readers(Role.VIEWER, *STAFF_WHO_READ),
        Role.PERFORMER: Rights(select=True, update=(*ARCHIVE_WORDS, *ARCHIVE_PLAYBACK, *ARCHIVE_END)),
        Role.MODERATOR: Rights(select=True, update=("status", "purge_at"), may=("decide_archive",)),
        Role.LEAD_MODERATOR: Rights(select=True, update=("status", "purge_at"), may=("decide_archive",)),
        Role.COMPLIANCE: Rights(select=True, update=("status", "purge_at")),
        Role.WORKER: Rights(
            select=True,
            insert=True,
            update=("status", "duration_seconds", *ARCHIVE_WORDS, *ARCHIVE_PLAYBACK, *ARCHIVE_END),
        ),
    },
    "streams.CategoryAlias": {
        **readers(*EVERY_READER),
        **dict.fromkeys(
            (Role.LEAD_MODERATOR, Role.ADMINISTRATOR),
            Rights(select=True, insert=True, update=("category_id",), delete=True),
        ),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "streams.TagAlias": {
        **readers(*EVERY_READER),
        **dict.fromkeys(
            (Role.LEAD_MODERATOR, Role.ADMINISTRATOR),
            Rights(select=True, insert=True, update=("tag_id",), delete=True),
        ),
    },
    "streams.TagMerge": {
        **readers(Role.MODERATOR, Role.AUDITOR),
        **dict.fromkeys((Role.LEAD_MODERATOR, Role.ADMINISTRATOR), Rights(select=True, insert=True)),
    },
    "streams.TagMergeReversal": {
        **readers(Role.MODERATOR, Role.AUDITOR),
        **dict.fromkeys((Role.LEAD_MODERATOR, Role.ADMINISTRATOR), Rights(select=True, insert=True)),
    },
    "streams.ViewerLabelPreference": dict.fromkeys(
        (Role.VIEWER, Role.PERFORMER), Rights(select=True, insert=True, update=("action",), delete=True)
    ),
    "streams.PerformerCategory": {
        **readers(*STAFF_WHO_READ),
        **dict.fromkeys(
            (Role.PERFORMER, Role.MODERATOR, Role.WORKER),
            Rights(select=True, insert=True, update=("is_primary",), delete=True),
        ),
        **dict.fromkeys(
            (Role.LEAD_MODERATOR, Role.ADMINISTRATOR),
            Rights(select=True, insert=True, update=("is_primary", "category_id"), delete=True),
        ),
    },
    "streams.PerformerTag": {
        **readers(*STAFF_WHO_READ),
        **dict.fromkeys(
            (Role.PERFORMER, Role.MODERATOR, Role.WORKER), Rights(select=True, insert=True, delete=True)
        ),
        **dict.fromkeys(
            (Role.LEAD_MODERATOR, Role.ADMINISTRATOR),
            Rights(select=True, insert=True, update=("tag_id",), delete=True),
        ),
    },
    "streams.StreamCategory": {
        **readers(Role.VIEWER, *STAFF_WHO_READ),
        **dict.fromkeys(
            (Role.PERFORMER, Role.MODERATOR, Role.WORKER),
            Rights(select=True, insert=True, update=("is_primary",), delete=True),
        ),
        **dict.fromkeys(
            (Role.LEAD_MODERATOR, Role.ADMINISTRATOR),
            Rights(select=True, insert=True, update=("is_primary", "category_id"), delete=True),
        ),
    },
    "streams.StreamTag": {
        **readers(Role.VIEWER, *STAFF_WHO_READ),
        **dict.fromkeys(
            (Role.PERFORMER, Role.MODERATOR, Role.WORKER), Rights(select=True, insert=True, delete=True)
        ),
        **dict.fromkeys(
            (Role.LEAD_MODERATOR, Role.ADMINISTRATOR),
            Rights(select=True, insert=True, update=("tag_id",), delete=True),
        ),
    },
    "streams.StreamLabel": {
        **readers(Role.VIEWER, *STAFF_WHO_READ),
        **dict.fromkeys((Role.PERFORMER, Role.WORKER), Rights(select=True, insert=True, delete=True)),
        **dict.fromkeys(
            (Role.MODERATOR, Role.LEAD_MODERATOR),
            Rights(select=True, insert=True, update=("source",), delete=True, may=("label_stream",)),
        ),
    },
    "streams.StreamConfiguration": {
        **readers(Role.MODERATOR, Role.LEAD_MODERATOR, *STAFF_WHO_READ),
        Role.PERFORMER: Rights(select=True, insert=True),
        Role.WORKER: Rights(select=True, insert=True),
    },
    # Written by triggers on the stream, in the name of whoever changes it.
    "streams.StreamTransition": readers(
        Role.PERFORMER,
        Role.SUPPORT,
        Role.MODERATOR,
        Role.LEAD_MODERATOR,
        Role.FINANCE,
        Role.FINANCE_APPROVER,
        Role.COMPLIANCE,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
        Role.WORKER,
    ),
    "streams.StreamMetadataVersion": {
        **readers(Role.PERFORMER, Role.MODERATOR, Role.LEAD_MODERATOR, *STAFF_WHO_READ),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "streams.IngestKey": {
        **readers(Role.AUDITOR, Role.WORKER),
        Role.PERFORMER: Rights(select=True, insert=True, update=("revoked_at",)),
        Role.MODERATOR: Rights(select=True, update=("revoked_at",), may=("revoke_ingestkey",)),
        Role.LEAD_MODERATOR: Rights(select=True, update=("revoked_at",), may=("revoke_ingestkey",)),
    },
    "streams.Participant": {
        **readers(Role.COMPLIANCE, Role.AUDITOR),
        Role.PERFORMER: Rights(select=True, insert=True, update=("joined_at", "left_at")),
    },
    "streams.Release": {
        **readers(Role.AUDITOR),
        Role.PERFORMER: Rights(select=True, insert=True, update=("withdrawn_at",)),
        Role.COMPLIANCE: Rights(select=True, update=("withdrawn_at",), may=("reveal_release",)),
    },
    "streams.PrivateShow": {
        **readers(Role.SUPPORT, Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR),
        Role.VIEWER: Rights(select=True, insert=True, update=("status", "ended_at")),
        Role.PERFORMER: Rights(select=True, update=PRIVATE_SHOW_STATE),
        Role.MODERATOR: Rights(select=True, update=("status", "ended_at"), may=("end_privateshow",)),
        Role.LEAD_MODERATOR: Rights(select=True, update=("status", "ended_at"), may=("end_privateshow",)),
        Role.WORKER: Rights(select=True, update=("status", "ended_at")),
    },
    "streams.ViewerCountSample": {
        **readers(Role.PERFORMER, Role.MODERATOR, Role.LEAD_MODERATOR, *STAFF_WHO_READ),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "streams.AccessRule": {
        **readers(Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER),
        Role.PERFORMER: Rights(select=True, insert=True, update=RULE_VALUES, delete=True),
        Role.MODERATOR: Rights(
            select=True, insert=True, update=RULE_VALUES, delete=True, may=("set_accessrule",)
        ),
        Role.LEAD_MODERATOR: Rights(
            select=True, insert=True, update=RULE_VALUES, delete=True, may=("set_accessrule",)
        ),
    },
    "streams.AccessGrant": {
        **readers(
            Role.VIEWER,
            Role.SUPPORT,
            Role.MODERATOR,
            Role.LEAD_MODERATOR,
            Role.COMPLIANCE,
            Role.AUDITOR,
            Role.ADMINISTRATOR,
            Role.WORKER,
        ),
        Role.PERFORMER: Rights(select=True, insert=True, update=("valid",)),
    },
    "streams.LiveListing": readers(*EVERY_READER),
    "streams.LiveListingSnapshot": readers(*EVERY_READER),
    "streams.SearchDocument": readers(Role.AUDITOR),
    "streams.RecordingReport": {
        **readers(*ARCHIVE_STAFF, Role.PERFORMER),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "streams.Rendition": {
        **readers(*ARCHIVE_STAFF, Role.PERFORMER),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "streams.ArchiveDecision": {
        **readers(*ARCHIVE_STAFF),
        Role.MODERATOR: Rights(select=True, insert=True),
        Role.LEAD_MODERATOR: Rights(select=True, insert=True),
        Role.COMPLIANCE: Rights(select=True, insert=True),
        Role.WORKER: Rights(select=True, insert=True),
    },
    # Written by a trigger of the archive alone.
    "streams.ArchiveTransition": readers(*ARCHIVE_STAFF, Role.WORKER),
    "streams.ArchiveChapter": {
        **readers(*ARCHIVE_STAFF, Role.VIEWER),
        Role.PERFORMER: Rights(select=True, insert=True, delete=True),
        Role.WORKER: Rights(select=True, insert=True, delete=True),
    },
    "streams.CaptionTrack": {
        **readers(*ARCHIVE_STAFF),
        Role.PERFORMER: Rights(select=True, insert=True),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "streams.MutedSegment": {
        **readers(*ARCHIVE_STAFF, Role.VIEWER),
        Role.PERFORMER: Rights(select=True, insert=True),
        Role.MODERATOR: Rights(select=True, insert=True),
        Role.LEAD_MODERATOR: Rights(select=True, insert=True),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "streams.Clip": {
        **readers(*ARCHIVE_STAFF, Role.WORKER),
        Role.VIEWER: Rights(select=True, insert=True, update=CLIP_END),
        Role.PERFORMER: Rights(select=True, insert=True, update=CLIP_END),
        Role.MODERATOR: Rights(select=True, update=CLIP_END, may=("remove_clip",)),
        Role.LEAD_MODERATOR: Rights(select=True, update=CLIP_END, may=("remove_clip",)),
    },
    # What somebody watches is read by nobody else, staff included.
    "streams.ViewingProgress": dict.fromkeys(
        (Role.VIEWER, Role.PERFORMER),
        Rights(select=True, insert=True, update=("seconds",), delete=True),
    ),
    "streams.ObjectRemoval": {
        **readers(Role.AUDITOR, Role.ADMINISTRATOR),
        Role.WORKER: Rights(select=True, update=("confirmed_at",)),
    },
}

FUNCTIONS: FunctionDeclaration = {
    "streams_known_for(uuid[])": (Role.VIEWER, Role.PERFORMER),
    # Why a stream may not go on air: the performer asks about her own, codes only.
    "streams_obstacles(uuid)": (Role.PERFORMER, Role.WORKER),
    "streams_watch_facts(uuid, uuid, uuid, text, text, timestamptz)": WATCH_ASKERS,
    "streams_search(text, text[], text, text, text, text, smallint, integer, boolean, uuid, integer)": EVERY_READER,
    "streams_search_refresh(uuid[])": tuple(role for role in ACTING_ROLES if role not in READ_ALONE),
    "streams_listings_refresh()": (Role.WORKER,),
    "streams_archive_purge(uuid)": (Role.WORKER,),
    "streams_archive_needed(uuid)": (Role.WORKER,),
    "streams_person_erase(uuid)": (Role.COMPLIANCE,),
    "streams_person_survey(uuid)": (Role.COMPLIANCE,),
}
