-- question: Which version of this document applies now in this language?
-- asks: accounts.models.legal_document.in_force, wherever a person is asked to accept or consent
-- role: vbl_viewer
-- twin: LegalDocument.objects.in_force("terms", "en")
-- index: accounts_legaldocument_kind_language_effective_at_key
-- rows: 1
-- partitions: 0
SELECT id, version_label, title, text
FROM accounts_legaldocument
WHERE kind = 'terms'
  AND language = 'en'
  AND status = 'published'
  AND effective_at <= statement_timestamp()
ORDER BY effective_at DESC
LIMIT 1;
