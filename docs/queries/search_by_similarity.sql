-- question: Which titles or stage names look like this, despite typing errors?
-- asks: streams_search, as the owner, when words alone do not fill the page
-- role: vbl_auditor
-- twin: SearchDocument.objects.filter(folded_title__trigram_word_similar="marathn").order_by("title", "id")[:50]
-- index: streams_searchdocument_similar_idx
-- rows: 50
-- partitions: 0
SELECT id, kind
FROM streams_searchdocument
WHERE 'marathn' <% folded_title
ORDER BY title, id
LIMIT 50;
