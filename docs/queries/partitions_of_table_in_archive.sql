-- question: Which partitions of this table are in the archive, the newest first?
-- asks: Archived partitions of the back office, filtered by table; manage.py archive
-- role: vbl_compliance
-- twin: ArchivedPartition.objects.filter(table_name=table).order_by("-lower_id")[:10]
-- index: audit_archivedpartition_table_name_lower_id_idx
-- rows: 10
-- partitions: 0
\set table 'archived_7'
SELECT id, partition_name, rows, file_bytes, status
FROM audit_archivedpartition
WHERE table_name = :'table'
ORDER BY lower_id DESC
LIMIT 10;
