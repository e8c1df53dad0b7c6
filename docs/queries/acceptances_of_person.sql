-- question: Which versions has this person accepted?
-- asks: accounts.selectors.documents_to_accept; a person's page in the back office
-- role: vbl_compliance
-- twin: Acceptance.objects.filter(user_id=person).order_by("-id")
-- index: accounts_acceptance_user_document_key
-- rows: 5
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, document_id, accepted_at
FROM accounts_acceptance
WHERE user_id = :'person'
ORDER BY id DESC;
