-- question: Is this person entitled to watch this stream now, and by what?
-- asks: The ground of the watch decision (billing.watching), as a part of its second query
-- role: vbl_support
-- twin: Entitlement.objects.in_force().filter(Q(stream=stream) | Q(stream=None, archive=None), user=viewer, performer=performer)
-- index: billing_entitlement_user_performer_id_idx
-- rows: 2
-- partitions: 0
\set viewer '018bcfe6-0c10-7000-8000-00000000002a'
\set performer '01977421-83f8-7000-8001-00000000002b'
\set stream '01977421-8010-7000-8002-00000000002a'
SELECT id, source, valid
FROM billing_entitlement
WHERE user_id = :'viewer'
  AND performer_id = :'performer'
  AND (stream_id = :'stream' OR (stream_id IS NULL AND archive_id IS NULL))
  AND valid @> statement_timestamp();
