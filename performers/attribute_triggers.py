"""Triggers of attributes: a value is of the kind that was defined, and what is special has consent."""

import pgtrigger
from django.db import models

from core.db.triggers import Trigger


class ValueAsDefined(Trigger):
    """On `performers_performerattribute`: kind and category come from the definition, whatever the statement says.

    Special categories of data (GDPR art. 9) need an explicit consent in force. The consent is locked: whoever withdraws
    it waits, and takes the value along.
    """

    name = "27_define"
    words = (
        "Takes kind and category from the definition; refuses a value without a choice, or without consent."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: type[models.Model]) -> str:
        return """
SELECT d.kind, d.special_category INTO NEW.kind, NEW.special_category
FROM performers_attributedefinition d WHERE d.id = NEW.definition_id;
IF TG_OP = 'UPDATE' THEN
  IF ROW(NEW.words, NEW.number, NEW.visibility)
    IS NOT DISTINCT FROM ROW(OLD.words, OLD.number, OLD.visibility) THEN
    RETURN NEW;
  END IF;
END IF;
IF NOT EXISTS (
  SELECT FROM performers_attributedefinition d WHERE d.id = NEW.definition_id AND d.retired_at IS NULL
) THEN
  RAISE EXCEPTION 'This attribute is not in use any more.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_performerattribute_retired', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.kind = 'choice' AND NOT EXISTS (
  SELECT FROM performers_attributedefinition d WHERE d.id = NEW.definition_id AND NEW.words = ANY (d.choices)
) THEN
  RAISE EXCEPTION 'This is none of the choices.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_performerattribute_choice', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.special_category THEN
  PERFORM FROM accounts_consent c
  WHERE c.user_id = NEW.performer_id AND c.purpose = 'special_category' AND c.explicit
    AND c.valid @> statement_timestamp()
  FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'This needs the explicit consent of the performer to special categories of data.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_performerattribute_consent', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
RETURN NEW;"""


class ChoicesOnlyGrow(Trigger):
    """On `performers_attributedefinition`: no choice is taken away under those who chose it."""

    name = "35_grow"
    words = "Refuses to take a choice away: somebody may have chosen it. Retire the attribute instead."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF NOT NEW.choices @> OLD.choices THEN
  RAISE EXCEPTION 'Choices are added and not taken away; retire the attribute instead.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_attributedefinition_choices', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
