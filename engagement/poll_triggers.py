"""Triggers of polls: choices come with the poll, votes before its end, and are counted when it is over."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class PollGate(Trigger):
    """A poll is of the performer of its stream, lasts some days at most, and ends by the clock of the database."""

    name = "50_admit"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def __init__(self, days: int, **kwargs: Any) -> None:
        self.days = days
        super().__init__(
            words=f"Refuses polls of others' streams, over at once or longer than {days} days; says when it was over.",
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' THEN
  NEW.closed_at := CASE WHEN NEW.status = OLD.status THEN OLD.closed_at ELSE clock_timestamp() END;
  RETURN NEW;
END IF;
NEW.xact := pg_current_xact_id();
IF NEW.closes_at <= statement_timestamp() OR NEW.closes_at > statement_timestamp() + interval '{self.days} days' THEN
  RAISE EXCEPTION 'A poll ends within {self.days} days, and not at once.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_poll_closes_at', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.stream_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM streams_stream s WHERE s.id = NEW.stream_id AND s.performer_id = NEW.performer_id
) THEN
  RAISE EXCEPTION 'This performer has no such stream.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_poll_stream', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class HasChoices(Trigger):
    """Checked when the transaction ends, since a poll is written before its choices."""

    name = "70_has_choices"
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(
            words=f"Refuses, when the transaction ends, a poll with less than {least} or more than {most} choices.",
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        return f"""
IF (SELECT count(*) FROM engagement_pollchoice c WHERE c.poll_id = NEW.id)
  NOT BETWEEN greatest({self.least}, NEW.most_choices) AND {self.most} THEN
  RAISE EXCEPTION 'A poll has {self.least} to {self.most} choices, and as many as a person may vote for.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_poll_choices', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class ChoiceComesWithPoll(Trigger):
    """Nobody adds a choice to a poll in which others have voted."""

    name = "15_take_performer"
    words = "Takes the performer from the poll; refuses choices that are not written together with it."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
SELECT p.performer_id INTO NEW.performer_id FROM engagement_poll p
WHERE p.id = NEW.poll_id AND p.xact = pg_current_xact_id();
IF NOT FOUND THEN
  RAISE EXCEPTION 'Choices are written together with their poll, and never added.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_pollchoice_poll', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class TakesVote(Trigger):
    """A vote counts while its poll is open.

    The lock on the poll is shared by those who vote and excludes its end: a vote comes before the end and is counted,
    or is refused.
    """

    name = "15_take_poll"
    words = "Takes poll and performer from the choice; refuses votes after the end, and more than the poll allows."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("poll", "engagement_poll")]

    def get_func(self, model: Any) -> str:
        return """
SELECT c.poll_id INTO NEW.poll_id FROM engagement_pollchoice c WHERE c.id = NEW.choice_id;
SELECT * INTO poll FROM engagement_poll p WHERE p.id = NEW.poll_id FOR SHARE;
IF NOT FOUND THEN
  RAISE EXCEPTION 'There is no such choice.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_pollvote_choice', TABLE = TG_TABLE_NAME;
END IF;
NEW.performer_id := poll.performer_id;
NEW.voted_at := clock_timestamp();
IF poll.status <> 'open' OR poll.closes_at <= NEW.voted_at THEN
  RAISE EXCEPTION 'This poll is over.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_pollvote_open', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.ballot IS NULL OR NEW.ballot NOT BETWEEN 1 AND poll.most_choices THEN
  RAISE EXCEPTION 'You may vote for % of these.', poll.most_choices
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_pollvote_ballot', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class CountsVotes(Trigger):
    """What every choice had when the poll was closed stands in the choice, however long the votes are kept."""

    name = "80_count"
    words = "Writes the votes of every choice when the poll is closed."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
IF NEW.status = 'closed' AND OLD.status = 'open' THEN
  UPDATE engagement_pollchoice c
  SET votes = (SELECT count(*) FROM engagement_pollvote v WHERE v.choice_id = c.id)
  WHERE c.poll_id = NEW.id;
END IF;
RETURN NULL;"""
