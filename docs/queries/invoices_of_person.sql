-- question: Which invoices did this person get, the newest first?
-- asks: A person's own invoices on the public site; invoices of the back office, filtered by person
-- role: vbl_finance
-- twin: Invoice.objects.filter(user_id=payer).order_by("-pk")[:11]
-- index: billing_invoice_user_id_idx
-- rows: 11
-- partitions: 0
\set payer '019a7afd-c210-7000-8001-00000000002a'
SELECT id, status, series, number, total
FROM billing_invoice
WHERE user_id = :'payer'
ORDER BY id DESC
LIMIT 11;
