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
-- The column sorts by code points; without its collation, that of casefold() would win and the index be of no use.
WHERE name_key >= casefold(:'beginning' COLLATE pg_unicode_fast) COLLATE "C"
  AND name_key < (casefold(:'beginning' COLLATE pg_unicode_fast) || U&'\+10FFFF') COLLATE "C"
ORDER BY path;
