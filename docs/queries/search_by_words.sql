-- question: What has this word in title, stage name or description?
-- asks: streams_search, as the owner, on behalf of whoever searches; before it joins the tables and ranks
-- role: vbl_auditor
-- twin: SearchDocument.objects.filter(vector="marathon").order_by("-id")[:50]
-- index: streams_searchdocument_vector_idx
-- rows: 50
-- partitions: 0
SELECT id, kind
FROM streams_searchdocument
WHERE vector @@ plainto_tsquery('marathon')
ORDER BY id DESC
LIMIT 50;
