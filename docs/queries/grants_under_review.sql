-- question: Which grants of roles wait for an administrator's decision, the oldest review first?
-- asks: Grants under review of the back office; the card on the home page of administrators
-- role: vbl_administrator
-- twin: AccessReviewItem.objects.undecided()[:21]
-- index: audit_accessreviewitem_undecided_idx
-- rows: 21
-- partitions: 0
SELECT id, holder_id, role, granted_at, last_used_at
FROM audit_accessreviewitem
WHERE verdict IS NULL
ORDER BY id
LIMIT 21;
