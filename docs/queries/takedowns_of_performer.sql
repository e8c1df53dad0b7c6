-- question: Which copyright notices named something of this performer, the newest first?
-- asks: The page of a performer; audit.takedown_selectors.standing_notices counts them for 17 USC 512(i)
-- role: vbl_lead_moderator
-- twin: TakedownTarget.objects.filter(performer_id=performer).order_by("-pk")[:11]
-- index: audit_takedowntarget_performer_id_idx
-- rows: 11
-- partitions: 0
\set performer '01977421-7c28-7000-8001-000000000029'
SELECT id, notice_id, subject_kind, subject_id
FROM audit_takedowntarget
WHERE performer_id = :'performer'
ORDER BY id DESC
LIMIT 11;
