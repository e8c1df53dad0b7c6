-- question: Which performers speak this language?
-- asks: the directory, as a viewer; only rows of public profiles are let through
-- role: vbl_viewer
-- twin: PerformerLanguage.objects.filter(language="haw").order_by("performer_id")[:50]
-- index: performers_performerlanguage_language_performer_idx
-- rows: 50
-- partitions: 0
SELECT id, performer_id, level
FROM performers_performerlanguage
WHERE language = 'haw'
ORDER BY performer_id
LIMIT 50;
