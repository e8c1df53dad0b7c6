"""Of which format a file is, by its first bytes: what it is called says nothing."""

from engagement.message_choices import AttachmentType

ENOUGH = 16
"""So many bytes of a file are looked at."""


def type_of(head: bytes) -> AttachmentType | None:
    """The format whose signature the bytes carry; None for everything that is not accepted."""
    if head.startswith(b"\xff\xd8\xff"):
        return AttachmentType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return AttachmentType.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return AttachmentType.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return AttachmentType.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _MP4_BRANDS:
        return AttachmentType.MP4
    # WebM and Matroska share their first bytes; a player is told by the type, which stays within video.
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return AttachmentType.WEBM
    return None


_MP4_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash")
