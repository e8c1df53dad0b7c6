-- question: Which listed tags begin like this?
-- asks: Suggestions while a performer types a tag (Tag.objects.beginning_with)
-- role: vbl_performer
-- twin: Tag.objects.listable().beginning_with(beginning)[:10]
-- index: streams_tag_name_key
-- rows: 10
-- partitions: 0
\set beginning 'word-007'
SELECT id, name
FROM streams_tag
WHERE is_listable AND name >= :'beginning' AND name < :'beginning' || U&'\+10FFFF'
ORDER BY name
LIMIT 10;
