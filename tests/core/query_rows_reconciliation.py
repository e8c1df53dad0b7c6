"""Settlement files, screenings and identity cases, in a number at which the planner chooses as it would in earnest.

4,000 files of 4 accounts, 97 of them of the first and 150 in quarantine; 20,000 lines; 12,000 screenings of as many
people. What the triggers of these tables add up when a transaction ends is not what is asked here, so they rest
meanwhile.
"""

FILES, LINES, SCREENINGS = 4_000, 20_000, 12_000
RESTING = (
    "billing_settlementfile",
    "billing_settlementline",
    "billing_sanctionsscreening",
    "billing_kyccase",
)


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as in `query_data`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1700000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _id(kind: int, number: str) -> str:
    """SQL for the id of row `number` of a kind: a UUIDv7 whose instants are a second apart; 2 as in the payments."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1763000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '7000800{kind}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in RESTING),
    f"""INSERT INTO billing_provideraccount (id, code, kind, legal_entity, currency, is_live, webhook_secrets,
          api_credentials)
        SELECT {_id(2, "n")}, 'rows_of_files_' || n, 'simulator', 'Rows B.V.', 'EUR', false,
          ARRAY['rows_messages'], ''
        FROM generate_series(2, 4) n""",
    # Live files are a chain that triggers examine; here all wait, and most were set aside.
    f"""INSERT INTO billing_settlementfile (id, provider_account_id, kind, account_reference, name,
          statement_reference, body, sha256, currency, opening, closing, movement, fees, line_count, status,
          quarantine)
        SELECT {_id(9, "n")}, {_id(2, "CASE WHEN n % 41 = 0 THEN 1 ELSE n % 3 + 2 END")},
          CASE WHEN n % 3 = 0 THEN 'bank_camt053' ELSE 'provider_csv' END, '', 'file ' || n, '', 'x',
          sha256(('rows ' || n)::bytea), CASE WHEN n % 5 = 0 THEN 'USD' ELSE 'EUR' END, 0, 1, 0, 0, 0,
          CASE WHEN n <= 150 THEN 'quarantined' ELSE 'set_aside' END,
          CASE WHEN n <= 150 THEN 'does_not_foot' END
        FROM generate_series(1, {FILES}) n""",
    f"""INSERT INTO billing_settlementline (id, settlement_file_id, position, category, reference, booked_on, gross,
          fee, net, words)
        SELECT {_id(8, "n")}, {_id(9, f"n % {FILES} + 1")}, n / {FILES} + 1, 'transfer',
          CASE WHEN n % 7 = 0 THEN '' ELSE 'tr_rows_' || n % 5000 END, '2026-11-20', 100, 0, 100, ''
        FROM generate_series(1, {LINES}) n""",
    f"""INSERT INTO billing_sanctionsscreening (id, user_id, list, list_version, outcome, hit, reason, screened_by_id)
        SELECT uuidv7(), {_person("n")}, 'eu', '2026-11-01', CASE WHEN n % 100 = 0 THEN 'possible' ELSE 'clear' END,
          CASE WHEN n % 100 = 0 THEN '\\xc0ffee'::bytea END, '', {_person("20000")}
        FROM generate_series(1, {SCREENINGS}) n""",
    f"""INSERT INTO billing_sanctionsscreening (id, user_id, list, list_version, outcome, decides_id, reason,
          screened_by_id)
        SELECT uuidv7(), s.user_id, s.list, s.list_version, 'false_match', s.id, 'somebody else', s.screened_by_id
        FROM billing_sanctionsscreening s WHERE s.outcome = 'possible' AND s.user_id < {_person("6000")}""",
    f"""INSERT INTO billing_kyccase (id, user_id, cause, status, due_on, opened_by_id, opening_reason, owner_id, risk,
          findings, decision_reason, decided_by_id, decided_at)
        SELECT uuidv7(), {_person("n")}, 'periodic', CASE WHEN n <= 120 THEN 'open' ELSE 'cleared' END,
          DATE '2026-12-01' + n % 28, {_person("20000")}, 'a year has passed',
          CASE WHEN n > 120 THEN {_person("19999")} END, CASE WHEN n > 120 THEN 'low' END,
          CASE WHEN n > 120 THEN '\\xc0ffee'::bytea END, CASE WHEN n > 120 THEN 'nothing found' ELSE '' END,
          CASE WHEN n > 120 THEN {_person("19999")} END, CASE WHEN n > 120 THEN now() END
        FROM generate_series(1, {SCREENINGS}) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in RESTING),
    "ANALYZE billing_settlementfile, billing_settlementline, billing_sanctionsscreening, billing_kyccase",
)
