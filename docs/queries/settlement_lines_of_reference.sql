-- question: Which lines of settlement files name this payment, refund or transfer, the newest first?
-- asks: The search box of finance; the other side of a transfer (billing.settlement_finders.transfers)
-- role: vbl_finance
-- twin: SettlementLine.objects.filter(reference="tr_rows_42").exclude(reference="").order_by("-id")[:10]
-- index: billing_settlementline_reference_idx
-- rows: 10
-- partitions: 0
SELECT id, settlement_file_id, category, gross, fee, net
FROM billing_settlementline
WHERE reference = 'tr_rows_42'
  AND NOT (reference = '')
ORDER BY id DESC
LIMIT 10;
