-- question: Whose account is this subject of an identity provider linked to?
-- asks: Signing in by an identity provider (accounts.services.identity_provider_links.identity_find)
-- role: vbl_app
-- twin: IdentityProviderLink.objects.filter(provider="google", subject=subject)
-- index: accounts_identityproviderlink_provider_subject_key
-- rows: 1
-- partitions: 0
\set subject 'subject-42'
SELECT id, user_id
FROM accounts_identityproviderlink
WHERE provider = 'google'
  AND subject = :'subject';
