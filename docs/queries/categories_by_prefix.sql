-- question: Which categories have a name that begins like this, whatever the case?
-- asks: Choosing a category; the tree in the back office (Category.objects.beginning_with)
-- role: vbl_performer
-- twin: Category.objects.beginning_with(beginning)
-- index: streams_category_name_key_idx
-- rows: 21
-- partitions: 0
\set beginning 'FIELD 70030004'
SELECT id, name, slug
FROM streams_category
WHERE name_key >= casefold(:'beginning' COLLATE pg_unicode_fast)
  AND name_key < casefold(:'beginning' COLLATE pg_unicode_fast) || U&'\+10FFFF'
ORDER BY path;
