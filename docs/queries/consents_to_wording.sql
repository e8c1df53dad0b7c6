-- question: Who agreed to this wording, newest first?
-- asks: A wording that turned out to be wrong: whom to ask again
-- role: vbl_compliance
-- twin: Consent.objects.filter(wording_id=wording).order_by("-id")[:50]
-- index: accounts_consent_wording_id_idx
-- rows: 50
-- partitions: 0
\set wording '018bcfe6-0000-7000-8000-000000000065'
SELECT id, user_id, valid
FROM accounts_consent
WHERE wording_id = :'wording'
ORDER BY id DESC
LIMIT 50;
