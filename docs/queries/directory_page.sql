-- question: What comes next in the directory, the most watched first?
-- asks: streams.directory.directory_page, on the pages of the public site
-- role: vbl_viewer
-- twin: LiveListing.objects.of(snapshot).after(30, stream)[:51]
-- index: streams_livelisting_order_idx
-- rows: 51
-- partitions: 0
\set snapshot '018e0000-0000-7000-a000-000000000001'
\set stream '018d0000-0000-7000-a000-000000000400'
SELECT id, stream_id, viewers
FROM streams_livelisting
WHERE snapshot_id = :'snapshot'
  AND (viewer_bucket < 30 OR viewer_bucket = 30 AND stream_id < :'stream')
  AND viewer_bucket <= 30
ORDER BY viewer_bucket DESC, stream_id DESC
LIMIT 51;
