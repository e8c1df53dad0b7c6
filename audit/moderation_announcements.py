"""What moderation announces. Claims are not among it: they would flood the trail."""

from core.announcements import Announcement

report_filed = Announcement("report_filed", "reported:")
case_escalated = Announcement("case_escalated", "escalated the case")
case_moved = Announcement("case_moved", "moved to another queue the case")
case_closed = Announcement("case_closed", "closed the case")
case_reopened = Announcement("case_reopened", "reopened the case")
case_noted = Announcement("case_noted", "wrote a note on the case")
evidence_viewed = Announcement("evidence_viewed", "looked at evidence of the case")
evidence_added = Announcement("evidence_added", "added evidence to the case")

policy_drafted = Announcement("policy_drafted", "drafted a version of the policy")
policy_revised = Announcement("policy_revised", "revised the draft of the policy")
policy_discarded = Announcement("policy_discarded", "discarded the draft of the policy")
policy_published = Announcement("policy_published", "published a version of the policy")
policy_assigned = Announcement("policy_assigned", "said for which reports it is proposed: the policy")
policy_retired = Announcement("policy_retired", "retired the policy")

queue_added = Announcement("queue_added", "made the queue")
queue_changed = Announcement("queue_changed", "changed the queue")
queue_rule_added = Announcement("queue_rule_added", "made the rule")
queue_rule_changed = Announcement("queue_rule_changed", "changed the rule")
queue_rule_deleted = Announcement("queue_rule_deleted", "deleted the rule")
