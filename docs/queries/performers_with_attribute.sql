-- question: Which performers have said this of themselves, for everybody to see?
-- asks: the directory, as a viewer; private values and those of hidden profiles are not let through
-- role: vbl_viewer
-- twin: PerformerAttribute.objects.filter(definition_id=definition).order_by("performer_id")[:50]
-- index: performers_performerattribute_definition_performer_idx
-- rows: 50
-- partitions: 0
\set definition '018bcfe6-0000-7000-9000-000000000003'
SELECT id, performer_id, number
FROM performers_performerattribute
WHERE definition_id = :'definition'
ORDER BY performer_id
LIMIT 50;
