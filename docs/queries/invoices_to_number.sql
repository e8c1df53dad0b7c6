-- question: Which invoices of this company wait for their number, in the order in which they get it?
-- asks: billing.services.invoice_numbers.invoices_number, every minute as the worker, under the lock of the company
-- role: vbl_worker
-- twin: Invoice.objects.filter(legal_entity=company).to_number()[:50]
-- index: billing_invoice_waiting_idx
-- rows: 50
-- partitions: 0
\set company '019a7afd-21e8-7000-9801-000000000001'
SELECT id, ready_at, total
FROM billing_invoice
WHERE legal_entity_id = :'company' AND status = 'ready'
ORDER BY ready_at, id
LIMIT 50;
