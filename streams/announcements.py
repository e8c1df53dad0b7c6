"""What happens to streams, told to whoever listens."""

from core.announcements import Announcement

stream_scheduled = Announcement("stream_scheduled", "scheduled the stream")

access_rule_set = Announcement("access_rule_set", "set a rule of access to")
access_rule_removed = Announcement("access_rule_removed", "removed a rule of access to")
access_granted = Announcement("access_granted", "put somebody on the private list of")
access_revoked = Announcement("access_revoked", "took somebody off the private list of")
category_added = Announcement("category_added", "added the category")
category_renamed = Announcement("category_renamed", "renamed the category")
category_moved = Announcement("category_moved", "moved the category")
category_listed = Announcement("category_listed", "listed the category")
category_unlisted = Announcement("category_unlisted", "took the category out of the directory")
category_merged = Announcement("category_merged", "merged the category into another one")
category_alias_added = Announcement("category_alias_added", "added another name of the category")
category_alias_removed = Announcement("category_alias_removed", "took away another name of the category")
tag_added = Announcement("tag_added", "used the tag first")
tag_reviewed = Announcement("tag_reviewed", "reviewed the tag")
tag_alias_added = Announcement("tag_alias_added", "added another spelling of the tag")
tag_alias_removed = Announcement("tag_alias_removed", "took away another spelling of the tag")
tag_merged = Announcement("tag_merged", "merged the tag into another one")
tag_merge_undone = Announcement("tag_merge_undone", "undid the merge of the tag")
content_label_defined = Announcement("content_label_defined", "defined the content label")
content_label_changed = Announcement("content_label_changed", "changed the content label")
performer_categorised = Announcement(
    "performer_categorised", "said what the performer is known for, by category"
)
performer_tagged = Announcement("performer_tagged", "said what the performer is known for, by tag")
stream_categorised = Announcement("stream_categorised", "put the stream into categories")
stream_tagged = Announcement("stream_tagged", "tagged the stream")
stream_label_given = Announcement("stream_label_given", "labelled the stream")
stream_label_taken = Announcement("stream_label_taken", "took a label off the stream")
