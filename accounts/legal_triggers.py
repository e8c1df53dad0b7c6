"""Triggers that keep what people agreed to, and the record that they did."""

import pgtrigger
from django.db import models

from core.db.triggers import Trigger


class TextDigest(Trigger):
    """On `accounts_legaldocument`: the digest is that of the text, whatever the statement says."""

    name = "15_digest"
    words = "Sets the digest to the SHA-256 of the text."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: type[models.Model]) -> str:
        return "NEW.digest := sha256(convert_to(NEW.text, 'UTF8'));\nRETURN NEW;"


class PublishedIsFixed(Trigger):
    """On `accounts_legaldocument`: nothing of a published version changes, and none goes away."""

    name = "35_fix"
    words = "Refuses to change or delete a published document: people accepted it as it is."
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF OLD.status = 'published' THEN
  RAISE EXCEPTION 'A published document is never changed; publish a new version instead.'
    USING ERRCODE = 'restrict_violation';
END IF;
IF TG_OP = 'DELETE' THEN
  RETURN OLD;
END IF;
RETURN NEW;"""


class OnlyPublished(Trigger):
    """On `accounts_acceptance`: what is accepted has been published, and not after it was accepted."""

    name = "50_published"
    words = "Refuses to accept a draft, or a document before it was published."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF NOT EXISTS (
  SELECT FROM accounts_legaldocument d
  WHERE d.id = NEW.document_id AND d.status = 'published' AND d.published_at <= NEW.accepted_at
    AND NEW.accepted_at <= clock_timestamp() AND NOT starts_with(d.kind, 'consent_')
) THEN
  RAISE EXCEPTION 'Only a published document can be accepted, from its publication on.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_acceptance_published', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class WordingOfPurpose(Trigger):
    """On `accounts_consent`: the wording is a published one for this very purpose."""

    name = "50_wording"
    words = "Refuses a consent to a draft, to a wording for another purpose, or from before its publication."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF NOT EXISTS (
  SELECT FROM accounts_legaldocument d
  WHERE d.id = NEW.wording_id AND d.status = 'published' AND d.kind = 'consent_' || NEW.purpose
    AND d.published_at <= lower(NEW.valid) AND lower(NEW.valid) <= clock_timestamp()
) THEN
  RAISE EXCEPTION 'A consent is given to a published wording for its purpose, and not in advance.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_consent_wording', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class PeriodOnlyEnds(Trigger):
    """On effective-dated records: the beginning stays, an end that has passed stays, and no end is taken back."""

    name = "45_end"
    words = "Lets a period be ended and not be moved, lengthened or opened again."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: type[models.Model]) -> str:
        table = model._meta.db_table
        return f"""
IF NEW.valid IS DISTINCT FROM OLD.valid AND (
  lower(NEW.valid) IS DISTINCT FROM lower(OLD.valid)
  OR (upper(OLD.valid) <= statement_timestamp())
  OR coalesce(upper(NEW.valid), 'infinity') > coalesce(upper(OLD.valid), 'infinity')
) THEN
  RAISE EXCEPTION 'A period that was recorded can only be ended.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_valid_end', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
