-- question: Which unusual readings has nobody explained yet, the first due first?
-- asks: Alerts on readings of the back office; the card on the home page of compliance (ReadAlert.objects.open)
-- role: vbl_compliance
-- twin: ReadAlert.objects.open()
-- index: audit_readalert_due_at_id_idx
-- rows: 60
-- partitions: 0
SELECT id, rule, reader_id, measured, due_at
FROM audit_readalert
WHERE status = 'open'
ORDER BY due_at, id;
