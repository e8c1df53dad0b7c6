-- question: Which reserves are kept back, the newest first?
-- asks: The room of reserves; the card of finance
-- role: vbl_finance
-- twin: ReserveHold.objects.filter(released_at__isnull=True).order_by("-id")[:51]
-- index: billing_reservehold_kept_idx
-- rows: 51
-- partitions: 0
SELECT id, amount, currency, release_on
FROM billing_reservehold
WHERE released_at IS NULL
ORDER BY id DESC
LIMIT 51;
