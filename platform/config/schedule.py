"""What runs by itself, and when. Times are UTC; `manage.py schedule` prints the next ones.

Each line is a command of manage.py, so that everything here can also be run by hand. To add one: write the command,
open `core.jobs.runs.run_of` in it so that each run is on record, let it bear being run twice, and add a line. A
command that `config.logins` lets connect as the owner goes to the queue MAINTENANCE; `manage.py check` says when
something does not fit together.
"""

from core.jobs.job import MAINTENANCE
from core.jobs.schedule import Scheduled

#         command                cron                what for
SCHEDULE = (
    # People
    Scheduled("restrictions_expire", "* * * * *", "Sets people free whose restrictions have run out."),
    Scheduled("quarantines_end", "20 3 * * *", "Releases handles whose quarantine is over."),
    Scheduled("age_assurances_expire", "10 * * * *", "Marks assurances of age whose time has passed."),
    Scheduled("verifications_forget", "25 3 * * *", "Deletes codes of verification older than a week."),
    # Streams
    Scheduled("streams_reap", "* * * * *", "Interrupts and ends streams that gave no sign of life."),
    # Admission of performers
    Scheduled("performers_expire", "*/10 * * * *", "Ends admissions whose documents have expired."),
    Scheduled("performer_attributes_forget", "35 * * * *", "Deletes attributes whose consent has run out."),
    # Performers
    Scheduled("schedules_expand", "15 * * * *", "Makes the planned broadcasts of series, eight weeks ahead."),
    # Tokens
    Scheduled(
        "private_shows_charge", "* * * * *", "Charges running private shows the minutes that have begun."
    ),
    Scheduled("lots_expire", "*/15 * * * *", "Withdraws tokens whose time is over."),
    # Chat
    Scheduled("held_messages_expire", "*/5 * * * *", "Removes held messages about which nobody decided."),
    # Interaction
    Scheduled(
        "interactions_settle", "* * * * *", "Counts tips for goals; ends goals, polls, raids and rewards."
    ),
    # Recordings and archives
    Scheduled("recordings_chase", "*/5 * * * *", "Asks about recordings of which nothing is heard."),
    Scheduled("archives_purge", "15 4 * * *", "Destroys the files of archives whose time is over."),
    # Private messages
    Scheduled("attachments_chase", "45 * * * *", "Has attachments scanned whose scan was lost."),
    Scheduled("private_messages_forget", "50 4 * * *", "Destroys private messages deleted 30 days ago."),
    # Money
    Scheduled(
        "promotion_redemptions_expire", "*/5 * * * *", "Releases codes reserved for orders nobody paid."
    ),
    Scheduled("settlement_files_match", "20 5 * * *", "Matches settlement lines whose payment came late."),
    Scheduled("disputed_earnings_hold", "40 5 * * *", "Holds what was earned by disputed payments since."),
    # Moderation
    Scheduled("claims_settle", "* * * * *", "Lets cases whose lease ran out say that they wait."),
    Scheduled("cases_triage", "*/10 * * * *", "Asks the rules again about cases that wait."),
    Scheduled("evidence_expire", "25 4 * * *", "Deletes evidence whose time is over."),
    Scheduled("case_skips_forget", "35 4 * * *", "Deletes what moderators passed over long ago."),
    Scheduled("case_presences_forget", "40 4 * * *", "Deletes who had which case open a day ago."),
    # Archives of people
    Scheduled("personal_archives_expire", "55 * * * *", "Destroys archives of people whose time is over."),
    # Readings of what is encrypted
    Scheduled("read_alerts_find", "50 * * * *", "Looks again for unusual readings of encrypted data."),
    # Copyright notices
    Scheduled("takedowns_due", "25 * * * *", "Lets incomplete notices lapse and says which are overdue."),
    # Filings and access reviews
    Scheduled("filings_due", "35 * * * *", "Tells which filings to authorities are overdue."),
    Scheduled("access_reviews_run", "40 1 * * *", "Opens the access review of the quarter and follows it."),
    # Subject requests
    Scheduled("subject_requests_run", "40 * * * *", "Carries on with erasures, and says what is overdue."),
    # Money
    Scheduled("ledger_roll_forward", "20 2 * * *", "Settles the balances of the ledger."),
    Scheduled("ledger_prove", "30 2 * * *", "Proves that the ledger balances and its balances are true."),
    # Figures
    Scheduled("revenue_reconcile", "15 3 * * *", "Proves that revenue of days is what the ledger says."),
    # Payments
    Scheduled("provider_calls_chase", "* * * * *", "Asks providers again whose answer or worker was lost."),
    # Payouts
    Scheduled("payout_batches_chase", "* * * * *", "Sends approved payouts whose worker was lost."),
    # Subscriptions
    Scheduled(
        "subscriptions_renew", "*/5 * * * *", "Renews subscriptions, ends them, and tries failed charges."
    ),
    # Invoices and statements
    Scheduled("invoices_number", "* * * * *", "Gives invoices and credit notes their numbers."),
    Scheduled("tax_forms_expire", "15 1 * * *", "Marks tax forms whose last day is over."),
    Scheduled("tax_statements_freeze", "35 3 * * *", "Makes statements of months that are closed softly."),
    # Sessions and forms
    Scheduled("lock_outs_forget", "5 * * * *", "Deletes counters of lock-outs that are over."),
    Scheduled("sessions_forget", "30 3 * * *", "Deletes browser sessions that have ended."),
    Scheduled("submissions_forget", "40 3 * * *", "Deletes one-time tokens of forms.", MAINTENANCE),
    # Notifications
    Scheduled("notifications_deliver", "* * * * *", "Sends notifications that are due, digests included."),
    # Streams
    Scheduled("listings_refresh", "* * * * *", "Makes the directory of what is on air anew."),
    Scheduled("search_refresh", "45 2 * * *", "Corrects what search reads where it differs from the rows."),
    # Engagement
    Scheduled("counters_fold", "* * * * *", "Folds what was appended to the counters of engagement."),
    Scheduled("counters_reconcile", "50 2 * * *", "Counts anew what the counters of engagement count."),
    # Figures
    Scheduled("rollups_run", "* * * * *", "Computes the figures that something has touched."),
    Scheduled("audience_settle", "15 3 * * *", "Has final days of the audience published, cohorts counted."),
    Scheduled("playback_salts_destroy", "5 * * * *", "Destroys salts of viewers' keys after two days."),
    # Trail
    Scheduled("audit_seal", "* * * * *", "Seals the events of the trail.", MAINTENANCE),
    Scheduled("trail_verify", "25 2 * * *", "Verifies the trail, and puts the outcome on record."),
    # Storage
    Scheduled("partitions_maintain", "7 * * * *", "Keeps partitions ahead of time.", MAINTENANCE),
    Scheduled("retention_run", "10 5 * * *", "Deletes what the policies of retention name.", MAINTENANCE),
    Scheduled(
        "archive_verify", "20 6 * * 0", "Reads the archive of partitions and proves each file.", MAINTENANCE
    ),
    Scheduled("jobs_forget", "50 3 * * *", "Deletes jobs that ended long ago.", MAINTENANCE),
)
