-- question: What did the provider report about this payment, newest first?
-- asks: The page of a payment; the search box of finance (billing.admin.provider_panels.messages)
-- role: vbl_finance
-- twin: ProviderEvent.objects.filter(reference="pi_rows_42").exclude(reference="").order_by("-id")[:25]
-- index: billing_providerevent_reference_id_idx
-- rows: 25
-- partitions: all
SELECT id, event_type, status, received_at
FROM billing_providerevent
WHERE reference = 'pi_rows_42'
  AND NOT (reference = '')
ORDER BY id DESC
LIMIT 25;
