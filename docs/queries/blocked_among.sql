-- question: Which of these words are blocked on the whole platform now?
-- asks: The function engagement_blocked_terms_in, for every message, with all that it may be read as
-- role: vbl_moderator
-- twin: BlockedTerm.objects.filter(folded__in=["term 7", "good", "evening"], performer__isnull=True, valid__contains=Now())
-- index: engagement_blockedterm_folded_idx
-- rows: 3
-- partitions: 0
SELECT id, folded, action
FROM engagement_blockedterm
WHERE folded IN ('term 7', 'good', 'evening') AND performer_id IS NULL AND valid @> statement_timestamp();
