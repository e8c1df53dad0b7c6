"""Triggers of invoices and credit notes: lines that are the order's, and numbers without a gap."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


def _numbered(prefix: str) -> str:
    """Gives the next number of the company's series of this year. The company is locked first: one after another.

    The clock is read under the lock, so that days never go back while numbers go on. Whatever undoes the transaction
    undoes the counter too.
    """
    return f"""
SELECT e.* INTO company FROM billing_legalentity e WHERE e.id = NEW.legal_entity_id FOR NO KEY UPDATE;
NEW.issued_at := clock_timestamp();
NEW.issued_on := (NEW.issued_at AT TIME ZONE 'UTC')::date;
NEW.series := '{prefix}-' || to_char(NEW.issued_on, 'YYYY');
INSERT INTO billing_invoiceseries (id, legal_entity_id, series, last_number)
VALUES (uuidv7(), NEW.legal_entity_id, NEW.series, 1)
ON CONFLICT (legal_entity_id, series) DO UPDATE SET last_number = billing_invoiceseries.last_number + 1
RETURNING last_number INTO NEW.number;
NEW.seller_name := company.name;
NEW.seller_address := company.address;
NEW.seller_tax_number := company.tax_number;
"""


def _kept(table: str) -> str:
    """Nobody writes a number: it comes with the issue, and stays."""
    columns = (
        "series",
        "number",
        "issued_at",
        "issued_on",
        "seller_name",
        "seller_address",
        "seller_tax_number",
    )
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("NEW", "OLD"))
    return f"""
IF ROW({new}) IS DISTINCT FROM ROW({old}) THEN
  RAISE EXCEPTION 'Numbers are given by the database, and stay.'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = '{table}_number', TABLE = TG_TABLE_NAME;
END IF;"""


class _Numbers(Trigger):
    """What both kinds of documents have in common."""

    name = "45_number"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update
    declare = (("company", "record"), ("sums", "record"))

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        super().__init__(**kwargs)


class NumbersInvoice(_Numbers):
    """An invoice is whole before it waits for its number, and gets the next one of the series of its company."""

    words = (
        "Gives an invoice the next number of its company's series when it is issued; refuses one whose lines are not "
        "those of the order, and any change of a number."
    )

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""{_kept(table)}
IF NEW.status = OLD.status THEN
  RETURN NEW;
END IF;
IF NEW.status = 'ready' THEN
  SELECT coalesce(sum(l.net), 0) AS net, coalesce(sum(l.tax), 0) AS tax, count(*) AS lines INTO sums
  FROM billing_invoiceline l WHERE l.invoice_id = NEW.id;
  IF (sums.net, sums.tax) IS DISTINCT FROM (NEW.net::numeric, NEW.tax::numeric)
    OR sums.lines <> (SELECT count(*) FROM billing_orderline o WHERE o.order_id = NEW.order_id) THEN
    RAISE EXCEPTION 'The lines of this invoice are not those of its order.'
      USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_lines', TABLE = TG_TABLE_NAME;
  END IF;
ELSIF NEW.status = 'issued' THEN{_numbered(self.prefix)}
END IF;
RETURN NEW;"""


class NumbersCreditNote(_Numbers):
    """A credit note is numbered after its invoice, when it is whole."""

    words = (
        "Gives a credit note the next number of its company's series when it is issued, after its invoice; refuses one "
        "that is not the sum of its lines, and any change of a number."
    )

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""{_kept(table)}
IF NEW.status = OLD.status THEN
  RETURN NEW;
END IF;
IF NOT EXISTS (SELECT FROM billing_invoice i WHERE i.id = NEW.invoice_id AND i.status = 'issued') THEN
  RAISE EXCEPTION 'A credit note gets its number after its invoice.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_invoice', TABLE = TG_TABLE_NAME;
END IF;
SELECT coalesce(sum(l.net), 0) AS net, coalesce(sum(l.tax), 0) AS tax INTO sums
FROM billing_creditnoteline l WHERE l.credit_note_id = NEW.id;
IF (sums.net, sums.tax) IS DISTINCT FROM (NEW.net::numeric, NEW.tax::numeric) THEN
  RAISE EXCEPTION 'A credit note is the sum of its lines.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_lines', TABLE = TG_TABLE_NAME;
END IF;{_numbered(self.prefix)}
RETURN NEW;"""


class BelongsToOrder(Trigger):
    """An invoice charges whom the order charges, the same amounts; it begins without a number."""

    name = "35_match_order"
    words = (
        "Refuses an invoice of another person, country, currency or amount than its order, and one that has a "
        "number."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NOT EXISTS (
  SELECT FROM billing_order o
  WHERE o.id = NEW.order_id AND o.user_id = NEW.user_id AND o.country = NEW.country AND o.currency = NEW.currency
    AND (o.net, o.tax, o.total) = (NEW.net, NEW.tax, NEW.total)
) THEN
  RAISE EXCEPTION 'An invoice is that of its order: person, country, currency and amounts.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_order', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class CopiesOrderLine(Trigger):
    """A line of an invoice is a line of its order, to the cent; it comes while the invoice is a draft."""

    name = "50_match_order_line"
    words = (
        "Refuses a line that is not one of the invoice's order, differs from it, or comes after the draft."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
NEW.net_credited := 0;
NEW.tax_credited := 0;
IF NOT EXISTS (
  SELECT FROM billing_invoice i JOIN billing_orderline o ON o.order_id = i.order_id
  WHERE i.id = NEW.invoice_id AND i.status = 'draft' AND o.id = NEW.order_line_id AND i.user_id = NEW.user_id
    AND (o.position, o.quantity, o.currency, o.discount, o.tax_rate, o.tax_jurisdiction, o.net, o.tax, o.total)
      = (NEW.position, NEW.quantity, NEW.currency, NEW.discount, NEW.tax_rate, NEW.tax_jurisdiction, NEW.net, NEW.tax,
         NEW.total)
) THEN
  RAISE EXCEPTION 'The lines of an invoice are those of its order, and come while it is a draft.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoiceline_order_line', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class BelongsToInvoice(Trigger):
    """A credit note is about whom and what its invoice is about; it begins without a number."""

    name = "35_match_invoice"
    words = "Refuses a credit note of another person, company or currency than its invoice, or of a draft."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NOT EXISTS (
  SELECT FROM billing_invoice i
  WHERE i.id = NEW.invoice_id AND i.user_id = NEW.user_id AND i.legal_entity_id = NEW.legal_entity_id
    AND i.currency = NEW.currency AND i.status IN ('ready', 'issued')
) THEN
  RAISE EXCEPTION 'A credit note is about an invoice that has a number or waits for one: its person, company, currency.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_creditnote_invoice', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class CreditsInvoiceLine(Trigger):
    """A line of a credit note takes from a line of its invoice, which counts it: never more than was charged."""

    name = "50_credit"
    words = (
        "Counts what is credited on the line of the invoice; refuses a line of another invoice, or of a note that has "
        "its number."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
UPDATE billing_invoiceline l
SET net_credited = l.net_credited + NEW.net, tax_credited = l.tax_credited + NEW.tax
FROM billing_creditnote c
WHERE c.id = NEW.credit_note_id AND c.status = 'ready' AND c.invoice_id = l.invoice_id AND c.user_id = NEW.user_id
  AND l.id = NEW.invoice_line_id;
IF NOT FOUND THEN
  RAISE EXCEPTION 'A line of a credit note is about a line of its invoice, and comes before the number.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_creditnoteline_line', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
