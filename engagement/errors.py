"""What the services of this app refuse."""

from core.errors import Refused


class MessageRefused(Refused):
    """A private message is not sent, changed or shown."""

    code = "message_refused"


class ConversationRefused(Refused):
    """A conversation is not opened, accepted or declined."""

    code = "conversation_refused"


class AttachmentRefused(Refused):
    """A file is not taken, scanned or shown."""

    code = "attachment_refused"
