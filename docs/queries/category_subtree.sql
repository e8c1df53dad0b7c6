-- question: Which categories does this one contain, itself included, in the order of the tree?
-- asks: Directory by category (Category.objects.within); moving and merging of categories
-- role: vbl_viewer
-- twin: Category.objects.within(path)
-- index: streams_category_path_key
-- rows: 21
-- partitions: 0
\set path '70030004'
SELECT id, name, path, depth
FROM streams_category
-- A range, and not LIKE: it needs no operator class and stays with a bound parameter. '[' sorts behind every step.
WHERE path >= :'path' AND path < :'path' || '['
ORDER BY path;
