"""Triggers of private messages: what a conversation admits, whoever writes and by which way."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

OPENED_DAILY = 30
"""So many conversations may somebody open within a day."""

REQUEST_MESSAGES = 3
"""So many messages may be written before the other one has answered."""

UPLOADED_DAILY = 200
"""So many files may somebody upload within a day."""

NEVER_SENT, REFUSED, WITH_ITS_MESSAGE = "2 days", "30 days", "24 months"
"""So long a file stays that was not sent, that was refused or found malicious, that was sent."""

PEOPLE = "('vbl_viewer', 'vbl_performer')"
ROLE = "coalesce(nullif(current_setting('role', true), 'none'), session_user)"
"""The acting role, inside of a function that runs with the owner's rights too."""


def refuse(table: str, name: str, sentence: str) -> str:
    """The statement that refuses with a sentence, under a name as constraints have one."""
    quoted = sentence.replace("'", "''")
    return (
        f"RAISE EXCEPTION '{quoted}'\n    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_{name}', "
        "TABLE = TG_TABLE_NAME;"
    )


def barred(table: str, kind: str, person: str, sentence: str) -> str:
    """Refuses somebody who is restricted in this way now."""
    return f"""
IF EXISTS (
  SELECT FROM accounts_restriction r
  WHERE r.user_id = {person} AND r.kind = '{kind}' AND r.valid @> statement_timestamp()
) THEN
  {refuse(table, "barred", sentence)}
END IF;"""


CANNOT_BE_WRITTEN_TO = "This person cannot be written to."
"""Said for a block, a closed account and one that is shut out alike: nobody learns which."""


def reachable(table: str, one: str, other: str) -> str:
    """Refuses where the other one has left, or one of the two has blocked the other."""
    return f"""
IF engagement_blocked_between({one}, {other}) OR NOT EXISTS (
  SELECT FROM accounts_user u WHERE u.id = {other} AND u.status IN ('active', 'restricted')
) THEN
  {refuse(table, "reachable", CANNOT_BE_WRITTEN_TO)}
END IF;"""


def of_now(table: str) -> str:
    """Refuses people an id that is not of the present: ids say when something was written, and order it."""
    return f"""
IF {ROLE} IN {PEOPLE}
  AND abs(extract(epoch FROM uuid_extract_timestamp(NEW.id) - statement_timestamp())) > 300 THEN
  {refuse(table, "id", "The id is of the time at which it is written.")}
END IF;"""


class AdmitsConversation(Trigger):
    """Who may open a conversation with whom."""

    name = "16_admit"
    words = (
        "Refuses a conversation between blocked people, with somebody who left, by somebody who is barred from private "
        f"messages, and more than {OPENED_DAILY} of one person within a day."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("other", "uuid"), ("lately", "uuid := uuidv7(interval '-1 day')")]

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
other := CASE NEW.started_by_id WHEN NEW.first_person_id THEN NEW.second_person_id ELSE NEW.first_person_id END;
{of_now(table)}
{barred(table, "message", "NEW.started_by_id", "You are barred from private messages at the moment.")}
{reachable(table, "NEW.started_by_id", "other")}
IF {ROLE} IN {PEOPLE} THEN
  -- Two at once must count one another.
  PERFORM pg_advisory_xact_lock(hashtextextended('engagement_conversation by ' || NEW.started_by_id, 0));
  IF (
    SELECT count(*) FROM engagement_conversation c WHERE c.started_by_id = NEW.started_by_id AND c.id > lately
  ) >= {OPENED_DAILY} THEN
    {refuse(table, "daily", f"You have opened {OPENED_DAILY} conversations within a day. Try again tomorrow.")}
  END IF;
END IF;
RETURN NEW;"""


class BringsMembers(Trigger):
    """Makes the two members: whoever opens has accepted, the other one is asked."""

    name = "90_members"
    words = "Makes the two members of a conversation: who opens it has accepted, the other one is asked."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
INSERT INTO engagement_conversationmember (id, conversation_id, person_id, other_id, state, answered_at)
SELECT uuidv7(), NEW.id, pair.one, pair.other,
  CASE WHEN pair.one = NEW.started_by_id THEN 'accepted' ELSE 'requested' END,
  CASE WHEN pair.one = NEW.started_by_id THEN statement_timestamp() END
FROM (VALUES (NEW.first_person_id, NEW.second_person_id), (NEW.second_person_id, NEW.first_person_id))
  AS pair (one, other);
RETURN NULL;"""


class AnswersByItself(Trigger):
    """The time of an answer is the database's to say."""

    name = "46_answer"
    words = "Sets when a conversation was accepted or declined."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
NEW.answered_at := OLD.answered_at;
IF NEW.state IS DISTINCT FROM OLD.state THEN
  NEW.answered_at := statement_timestamp();
END IF;
RETURN NEW;"""


class ReadsForward(Trigger):
    """What was read stays read, and nobody has read what was not written."""

    name = "50_read_forward"
    words = "Keeps the last message read from going back, and from lying beyond the newest one."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
IF NEW.last_read_id IS NOT DISTINCT FROM OLD.last_read_id THEN
  RETURN NEW;
END IF;
IF NEW.last_read_id IS NULL OR NEW.last_read_id < OLD.last_read_id THEN
  NEW.last_read_id := OLD.last_read_id;
ELSIF NEW.last_message_id IS NULL OR NEW.last_read_id > NEW.last_message_id THEN
  {refuse(table, "last_read", "Nobody has read what was not written yet.")}
END IF;
RETURN NEW;"""


class AdmitsMessage(Trigger):
    """Who may write into a conversation, and what: the other one's answer, blocks, restrictions, files.

    The two members are locked in the order of their keys: messages of one conversation go one after the other, those of
    different conversations never wait for one another.
    """

    name = "16_admit"
    words = (
        "Takes the recipient from the conversation and the files to the message. Refuses strangers, blocked and barred "
        f"people, declined conversations, more than {REQUEST_MESSAGES} messages or any file before an answer, and "
        "files that are not one's own, not clean or sent already."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [
            ("mine", "engagement_conversationmember%ROWTYPE"),
            ("theirs", "engagement_conversationmember%ROWTYPE"),
            ("attached", "bigint"),
        ]

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
PERFORM FROM engagement_conversationmember m WHERE m.conversation_id = NEW.conversation_id ORDER BY m.id FOR UPDATE;
SELECT * INTO mine FROM engagement_conversationmember m
WHERE m.conversation_id = NEW.conversation_id AND m.person_id = NEW.sender_id;
IF NOT FOUND THEN
  {refuse(table, "member", "There is no such conversation.")}
END IF;
NEW.recipient_id := mine.other_id;
NEW.moved_at := NULL;
{of_now(table)}
{barred(table, "message", "NEW.sender_id", "You are barred from private messages at the moment.")}
{reachable(table, "NEW.sender_id", "NEW.recipient_id")}
SELECT * INTO theirs FROM engagement_conversationmember m
WHERE m.conversation_id = NEW.conversation_id AND m.person_id = NEW.recipient_id;
IF NOT FOUND OR theirs.state = 'declined' THEN
  {refuse(table, "reachable", CANNOT_BE_WRITTEN_TO)}
END IF;
IF theirs.state = 'requested' THEN
  IF theirs.request_messages >= {REQUEST_MESSAGES} THEN
    {refuse(table, "request", "Wait until your request is accepted.")}
  END IF;
  IF cardinality(NEW.files) > 0 THEN
    {refuse(table, "request_files", "Files can be sent when your request is accepted.")}
  END IF;
END IF;
IF cardinality(NEW.files) > 0 THEN
{barred(table, "upload", "NEW.sender_id", "You are barred from uploading at the moment.")}
  UPDATE engagement_attachment a SET message_id = NEW.id
  WHERE a.id = ANY (NEW.files) AND a.uploader_id = NEW.sender_id AND a.status = 'clean' AND a.message_id IS NULL;
  GET DIAGNOSTICS attached = ROW_COUNT;
  IF attached <> cardinality(NEW.files) THEN
    {refuse(table, "files", "A file is sent once, by whoever uploaded it, when its scan found it clean.")}
  END IF;
END IF;
RETURN NEW;"""


class DeliversMessage(Trigger):
    """Points both members at the new message. Whoever writes has read, and answers what was asked."""

    name = "90_deliver"
    words = "Points both members at the newest message; writing into a conversation accepts it."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
UPDATE engagement_conversationmember m
SET last_message_id = greatest(m.last_message_id, NEW.id),
    last_read_id = CASE m.person_id WHEN NEW.sender_id THEN greatest(m.last_message_id, NEW.id) ELSE m.last_read_id END,
    state = CASE m.person_id WHEN NEW.sender_id THEN 'accepted' ELSE m.state END,
    request_messages = m.request_messages
      + CASE WHEN m.person_id = NEW.recipient_id AND m.state = 'requested' THEN 1 ELSE 0 END
WHERE m.conversation_id = NEW.conversation_id;
RETURN NULL;"""


class MovesByItsPeople(Trigger):
    """A sender deletes; the functions of moderation and of erasure do the rest. Words only ever go."""

    name = "45_who_moves"
    words = (
        "Lets people only delete what they wrote, and nobody write other words; sets when a message was hidden, "
        "deleted or erased."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
IF current_user <> 'vbl_owner' AND NEW.status <> OLD.status AND NEW.status <> 'deleted' THEN
  {refuse(table, "who_moves", "A message can be deleted by its sender, and nothing else.")}
END IF;
IF NEW.body <> OLD.body AND (NEW.body <> '' OR current_user <> 'vbl_owner') THEN
  {refuse(table, "words", "What was written is not changed; delete it and write anew.")}
END IF;
NEW.moved_at := CASE WHEN NEW.status = OLD.status THEN OLD.moved_at
                     WHEN NEW.status = 'visible' THEN NULL ELSE statement_timestamp() END;
RETURN NEW;"""


class ForgetsFiles(Trigger):
    """The files of a deleted message go when its words go."""

    name = "91_forget_files"
    words = "Has the files of a message that was deleted destroyed 30 days later, as its words."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
IF NEW.status = 'deleted' AND OLD.status <> 'deleted' AND cardinality(NEW.files) > 0 THEN
  UPDATE engagement_attachment a SET forget_after = least(a.forget_after, statement_timestamp() + interval '30 days')
  WHERE a.id = ANY (NEW.files);
END IF;
RETURN NULL;"""


class AdmitsAttachment(Trigger):
    """Who may upload, and how much."""

    name = "16_admit"
    words = (
        "Refuses files of people who are barred from uploading or from private messages, and more than "
        f"{UPLOADED_DAILY} of one person within a day."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("lately", "uuid := uuidv7(interval '-1 day')")]

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
{of_now(table)}
{barred(table, "upload", "NEW.uploader_id", "You are barred from uploading at the moment.")}
{barred(table, "message", "NEW.uploader_id", "You are barred from private messages at the moment.")}
IF NEW.message_id IS NOT NULL THEN
  {refuse(table, "message", "A file is sent by its message.")}
END IF;
NEW.forget_after := uuid_extract_timestamp(NEW.id) + interval '{NEVER_SENT}';
IF {ROLE} IN {PEOPLE} THEN
  PERFORM pg_advisory_xact_lock(hashtextextended('engagement_attachment by ' || NEW.uploader_id, 0));
  IF (
    SELECT count(*) FROM engagement_attachment a WHERE a.uploader_id = NEW.uploader_id AND a.id > lately
  ) >= {UPLOADED_DAILY} THEN
    {refuse(table, "daily", f"You have uploaded {UPLOADED_DAILY} files within a day. Try again tomorrow.")}
  END IF;
END IF;
RETURN NEW;"""


class AttachedByItsMessage(Trigger):
    """Only the trigger of a message says with which one a file was sent, once. How long it stays follows from that."""

    name = "48_attach"
    words = (
        "Lets the message alone say with which one a file was sent, once and while it is clean; sets from when on the "
        "file may be destroyed."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
IF NEW.message_id IS DISTINCT FROM OLD.message_id
  AND (current_user <> 'vbl_owner' OR OLD.message_id IS NOT NULL OR OLD.status <> 'clean') THEN
  {refuse(table, "message", "A file is sent by its message.")}
END IF;
IF ROW(NEW.status, NEW.message_id) IS DISTINCT FROM ROW(OLD.status, OLD.message_id) THEN
  NEW.forget_after := CASE
    WHEN NEW.status IN ('infected', 'refused') THEN statement_timestamp() + interval '{REFUSED}'
    WHEN NEW.message_id IS NOT NULL THEN uuid_extract_timestamp(NEW.message_id) + interval '{WITH_ITS_MESSAGE}'
    ELSE greatest(OLD.forget_after, statement_timestamp() + interval '{NEVER_SENT}')
  END;
END IF;
RETURN NEW;"""
