-- question: Who accepted this version of a document, newest first?
-- asks: Acceptances of the back office, filtered by document
-- role: vbl_compliance
-- twin: Acceptance.objects.filter(document_id=document).order_by("-id")[:50]
-- index: accounts_acceptance_document_id_idx
-- rows: 50
-- partitions: 0
\set document '018bcfe6-0000-7000-8000-000000000001'
SELECT id, user_id, accepted_at, channel
FROM accounts_acceptance
WHERE document_id = :'document'
ORDER BY id DESC
LIMIT 50;
