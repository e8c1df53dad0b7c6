-- question: When were this person's roles reviewed, and what was decided, the newest first?
-- asks: Grants under review of the back office, filtered by holder; the search by handle
-- role: vbl_auditor
-- twin: AccessReviewItem.objects.filter(holder_id=person).order_by("-id")
-- index: audit_accessreviewitem_holder_id_idx
-- rows: 400
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, review_id, role, verdict, decided_by_id, decided_at
FROM audit_accessreviewitem
WHERE holder_id = :'person'
ORDER BY id DESC;
