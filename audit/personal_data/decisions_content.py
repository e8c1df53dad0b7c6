"""Decisions about the tables of streams and engagement.

What others wrote to somebody is theirs too and was shown to them: it is given, with a stand-in for whoever wrote it.
What its sender deleted, or moderation hid, they see no longer, and is not given.
"""

from audit.personal_data.declarations import Decision, Given, Nobodys, Way, Withheld
from audit.personal_data.reasons import COPY, DIGEST, INNER, OTHERS, SECRET, STAFF

CONTENT: dict[str, Decision] = {
    "streams.AccessRule": Given(provided=True),
    "streams.Archive": Given(
        provided=(
            "stream",
            "title",
            "description",
            "poster_key",
            "duration_seconds",
            "visibility",
            "published_at",
        ),
        shown_secrets=("poster_key",),
    ),
    "streams.ArchiveChapter": Given(provided=True),
    "streams.CaptionTrack": Given(provided=True, shown_secrets=("object_key",)),
    "streams.Category": Nobodys(STAFF),
    "streams.CategoryAlias": Nobodys(STAFF),
    "streams.Clip": Given(
        (
            Way("author", provided=("archive", "title", "seconds")),
            Way("performer", withheld={"removal_reason": OTHERS}),
        ),
        shown_secrets=("author",),
    ),
    "streams.ContentLabel": Nobodys(STAFF),
    "streams.IngestKey": Given(withheld={"digest": SECRET}),
    "streams.LiveListing": Withheld(COPY),
    "streams.ObjectRemoval": Given(
        (Way("archive__performer"),), withheld={"sealed_key": SECRET}, shown_secrets=("object_key",)
    ),
    "streams.PerformerCategory": Given(provided=True),
    "streams.PerformerTag": Given(provided=True),
    "streams.Rendition": Given(
        shown_secrets=("object_key",), provided=("recording", "codec", "height", "object_key")
    ),
    "streams.SearchDocument": Withheld(COPY),
    "streams.Stream": Given(
        withheld={"lease": SECRET},
        provided=(
            "title",
            "description",
            "thumbnail_key",
            "language",
            "visibility",
            "scheduled_start_at",
            "started_at",
            "ended_at",
        ),
        shown_secrets=("thumbnail_key",),
    ),
    "streams.StreamCategory": Given(provided=True),
    "streams.StreamConfiguration": Given(provided=True),
    "streams.StreamMetadataVersion": Given(provided=True),
    "streams.StreamTag": Given(provided=True),
    "streams.Tag": Nobodys(STAFF),
    "streams.TagAlias": Nobodys(STAFF),
    "streams.TagMerge": Nobodys(STAFF),
    "streams.TagMergeReversal": Nobodys(STAFF),
    "streams.ViewerLabelPreference": Given(provided=True),
    "streams.ViewingProgress": Given(provided=True),
    "engagement.Attachment": Given(
        (
            Way("uploader", provided=True),
            Way(
                "{row}.id IN (SELECT unnest(m.files) FROM engagement_directmessage m "
                "WHERE m.recipient_id = {person} AND m.status = 'visible')",
                withheld={"object_key": OTHERS},
            ),
        ),
        withheld={"sha256": DIGEST},
        shown_secrets=("object_key",),
    ),
    "engagement.Block": Given(provided=True),
    "engagement.BlockedTerm": Given(provided=True),
    "engagement.ChatMessage": Given(provided=("room", "performer", "kind", "body", "reply_to")),
    "engagement.Conversation": Given(provided=True),
    # The row of the other one is what they said to the conversation, and how far they read.
    "engagement.ConversationMember": Given((Way("person"),)),
    "engagement.DirectMessage": Given(
        (
            Way("sender", provided=("conversation", "recipient", "body", "files")),
            Way("{row}.recipient_id = {person} AND {row}.status = 'visible'"),
            Way("recipient", withheld={"body": OTHERS, "files": OTHERS}),
        )
    ),
    "engagement.Favourite": Given(provided=True),
    "engagement.Follow": Given(provided=True),
    "engagement.GiftSent": Given((Way("sender", provided=True), Way("performer"))),
    "engagement.Goal": Given(provided=True),
    "engagement.Mute": Given(provided=True),
    # It names everybody who was told; what somebody was told stands in their notification.
    "engagement.NotificationEvent": Withheld(
        "It names everybody who was told (GDPR art. 15(4)); what you were told stands in engagement_notification."
    ),
    "engagement.NotificationEventKey": Nobodys("It says only that something was recorded."),
    "engagement.Notification": Given(shown_secrets=("group_key",)),
    "engagement.NotificationPreference": Given(provided=True),
    "engagement.NotificationQuietHours": Given(provided=True),
    "engagement.NotificationTrigger": Nobodys(STAFF),
    "engagement.Poll": Given(provided=True),
    "engagement.PollChoice": Given(provided=True),
    "engagement.PollVote": Given(provided=True),
    "engagement.PushSubscription": Given(
        withheld={"auth_secret": SECRET, "public_key": SECRET, "endpoint": SECRET}
    ),
    "engagement.Reaction": Given(provided=True),
    "engagement.Redemption": Given(
        (Way("viewer", provided=("reward", "performer", "words", "redeemed_at")), Way("performer")),
        withheld={"idempotency_key": INNER},
    ),
    "engagement.Reward": Given(provided=True),
    "engagement.Share": Given(provided=True),
    "engagement.TemplateVersion": Nobodys(STAFF),
    "engagement.TipMenuItem": Given(provided=True),
    "engagement.TipMessage": Given((Way("sender", provided=True), Way("performer"))),
}
