-- question: Which identity cases wait for a decision, the most urgent first?
-- asks: The queue of compliance; the card on its home page
-- role: vbl_compliance
-- twin: KycCase.objects.undecided().order_by("due_on", "id")[:51]
-- index: billing_kyccase_due_idx
-- rows: 51
-- partitions: 0
SELECT id, cause, status, due_on
FROM billing_kyccase
WHERE status IN ('open', 'in_review')
ORDER BY due_on, id
LIMIT 51;
