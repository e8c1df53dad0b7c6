-- question: What is on this performer's tip menu, in its order?
-- asks: Her page on the public site (TipMenuItem.objects.offered)
-- role: vbl_viewer
-- twin: TipMenuItem.objects.offered().filter(performer=performer)
-- index: engagement_tipmenuitem_performer_position_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, label, tokens
FROM engagement_tipmenuitem
WHERE performer_id = :'performer'
  AND retired_at IS NULL
ORDER BY position, id;
