-- question: Which statements of earnings has this performer, the newest first?
-- asks: Her own statements; statements of the back office, filtered by performer
-- role: vbl_finance
-- twin: TaxStatement.objects.filter(performer=PerformerProfile.objects.order_by("pk").values("pk")[:1]).order_by("-pk")[:20]
-- index: billing_taxstatement_performer_id_idx
-- rows: 20
-- partitions: 0
SELECT id, kind, days, currency, version, closing
FROM billing_taxstatement
WHERE performer_id = (SELECT id FROM performers_performerprofile ORDER BY id LIMIT 1)
ORDER BY id DESC
LIMIT 20;
