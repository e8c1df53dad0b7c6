-- question: Which performer is at this address, if everybody may see her?
-- asks: the public page of a performer
-- role: vbl_viewer
-- twin: PerformerProfile.objects.public().with_slug("performer-00042")
-- index: performers_performerprofile_slug_key
-- rows: 1
-- partitions: 0
SELECT id, stage_name, headline, biography
FROM performers_performerprofile
WHERE slug = 'performer-00042'
  AND status IN ('verified', 'paused');
