-- question: Which settlement files do not add up or do not follow the one before, the newest first?
-- asks: The card on the home page of finance, and the list behind it
-- role: vbl_finance
-- twin: SettlementFile.objects.quarantined().order_by("-id")[:51]
-- index: billing_settlementfile_quarantined_idx
-- rows: 51
-- partitions: 0
SELECT id, name, quarantine, difference, gap
FROM billing_settlementfile
WHERE status = 'quarantined'
ORDER BY id DESC
LIMIT 51;
