-- question: Which settlement files came for this account in a currency, the newest first?
-- asks: Settlement files of the back office, filtered by account; billing.services.settlement_files.last_of, which takes the one that no other follows
-- role: vbl_finance
-- twin: SettlementFile.objects.filter(provider_account_id=account, kind="provider_csv", currency_id="EUR").order_by("-id")[:51]
-- index: billing_settlementfile_provider_account_kind_currency_id_idx
-- rows: 51
-- partitions: 0
\set account '019a7afd-21e8-7000-8002-000000000001'
SELECT id, name, opening, closing, difference, status
FROM billing_settlementfile
WHERE provider_account_id = :'account'
  AND kind = 'provider_csv'
  AND currency = 'EUR'
ORDER BY id DESC
LIMIT 51;
