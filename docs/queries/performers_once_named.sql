-- question: Who has ever used this name, letter case aside?
-- asks: Names of the back office, searched by compliance
-- role: vbl_compliance
-- twin: PerformerAlias.objects.named("Performer 00042").order_by("-pk")
-- index: performers_performeralias_name_idx
-- rows: 5
-- partitions: 0
SELECT id, performer_id, valid
FROM performers_performeralias
WHERE lower(name COLLATE pg_unicode_fast) = 'performer 00042'
ORDER BY id DESC;
