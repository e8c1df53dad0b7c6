"""Records of the demo: documents in force, what everybody accepted and agreed to, ages, and pictures that wait."""

import hashlib
from datetime import datetime, timedelta

from accounts.choices import (
    AgeBand,
    AgeMethod,
    AgeOutcome,
    ConsentPurpose,
    DocumentKind,
    MediaKind,
    MediaType,
    SignUpSource,
)
from accounts.models import Acceptance, AgeAssurance, LegalDocument, ProfileMedia, User
from accounts.services.acceptances import acceptances_import
from accounts.services.age_assurances import AgeCheck, age_assurance_record
from accounts.services.consents import consents_import, wording_of
from accounts.services.legal_documents import document_draft, document_publish
from accounts.services.profile_media import Picture, media_add, media_approve, object_folder
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step

VERSION = "2026-01"
REASON = "first version, approved by the lawyers of the demo"
PARAGRAPHS = {
    DocumentKind.TERMS: (
        "You are 18 or older, you give your own age and nobody else's, and you use one account.",
        "Tokens buy time, tips and access; they are no money and are not paid out to viewers.",
        "What performers show is theirs. Recording, copying or passing it on ends your account.",
    ),
    DocumentKind.PRIVACY: (
        "We keep a handle, a password hash, the devices you sign in with and what you agreed to; no gender, no birth "
        "date.",
        "You may see, correct and erase what we keep. Some records stay without your name, as the law demands.",
    ),
    DocumentKind.GUIDELINES: (
        "Be kind. No insults, no threats, no requests for anything that a performer has ruled out.",
        "Moderators decide, say why, and you can appeal within six months.",
    ),
    DocumentKind.COOKIES: (
        "One cookie keeps you signed in, one protects forms. Every other one asks you first.",
    ),
    DocumentKind.PERFORMER_AGREEMENT: (
        "You prove your identity and your age before your first stream, and so does everybody who appears in it.",
    ),
    DocumentKind.CONSENT_MARKETING_MAIL: (
        "Send me mails about performers and offers. I can stop them in any mail.",
    ),
    DocumentKind.CONSENT_ANALYTICS: ("Count how I use the platform, so that it gets better.",),
    DocumentKind.CONSENT_PERSONALISATION: ("Suggest streams that resemble those which I watched.",),
    DocumentKind.CONSENT_SPECIAL_CATEGORY: (
        "I explicitly agree that preferences which say something about my sex life are used to suggest streams.",
    ),
    DocumentKind.CONSENT_COOKIES: ("Keep cookies that are not needed to run the site, for a year at most.",),
}
NEXT_TERMS = "You are told 30 days before these terms change."
ACCEPTED = (DocumentKind.TERMS, DocumentKind.PRIVACY, DocumentKind.GUIDELINES)
CONSENTED = (ConsentPurpose.ANALYTICS,)


def _text(kind: DocumentKind, *more: str) -> str:
    return "\n\n".join((f"{kind.label}, version {VERSION}.", *PARAGRAPHS[kind], *more))


def load_documents() -> str:
    """Draft and publish a version of each, and leave the next terms as a draft."""
    if LegalDocument.objects.exists():
        return "there before"
    actor = User.objects.with_handle(f"demo_{Role.COMPLIANCE.short}").get()
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        for kind in PARAGRAPHS:
            draft = document_draft(
                kind=kind, version_label=VERSION, title=kind.label, text=_text(kind), actor=actor
            )
            document_publish(legal_document_id=draft.pk, actor=actor, reason=REASON)
        document_draft(
            kind=DocumentKind.TERMS,
            version_label="2026-07",
            title=DocumentKind.TERMS.label,
            text=_text(DocumentKind.TERMS, NEXT_TERMS),
            actor=actor,
        )
    return f"{len(PARAGRAPHS)} documents in force, 1 draft"


def load_agreements() -> str:
    """Everybody accepted the documents where they came from, and agreed to be counted."""
    if Acceptance.objects.exists():
        return "there before"
    with acting(Role.WORKER):
        accepted = sum(
            acceptances_import(document=LegalDocument.objects.in_force(kind).get()) for kind in ACCEPTED
        )
        agreed = 0
        for purpose in CONSENTED:
            wording = wording_of(purpose)
            if wording is not None:
                agreed += consents_import(purpose=purpose, wording=wording)
    return f"{accepted:,} acceptances, {agreed:,} consents"


def load_ages_and_pictures() -> str:
    """Some whose age was checked, some pictures that wait and some that are shown."""
    if ProfileMedia.objects.exists() or AgeAssurance.objects.exists():
        return "there before"
    people = list(User.objects.filter(sign_up_source=SignUpSource.IMPORT).order_by("-pk")[:60])
    moderator = User.objects.with_handle(f"demo_{Role.MODERATOR.short}").get()
    with acting(Role.WORKER):
        now = database_now()
        for number, person in enumerate(people):
            age_assurance_record(user_id=person.pk, check=_check(number, now), actor=None)
    pictures = []
    for person in people[:40]:
        with acting(Role.VIEWER, user_id=person.pk):
            pictures.append(media_add(user_id=person.pk, picture=_picture(person), actor=person))
    with acting(Role.MODERATOR, user_id=moderator.pk):
        for media in pictures[:15]:
            media_approve(
                profile_media_id=media.pk, actor=moderator, reason="a face, and nobody else in sight"
            )
    return f"{AgeAssurance.objects.count()} checks of age, {len(pictures) - 15} pictures waiting"


def _check(number: int, now: datetime) -> AgeCheck:
    of_age = number % 12 != 0
    return AgeCheck(
        method=list(AgeMethod)[number % len(AgeMethod)],
        outcome=AgeOutcome.OF_AGE if of_age else AgeOutcome.INCONCLUSIVE,
        age_band=AgeBand.FROM_25 if of_age else None,
        provider="Demo Age Check",
        receipt=f"demo-{number:05}",
        checked_at=now - timedelta(minutes=1),
        until=now + timedelta(days=365),
    )


def _picture(person: User) -> Picture:
    return Picture(
        kind=MediaKind.AVATAR,
        object_key=f"{object_folder(person.pk)}avatar.webp",
        sha256=hashlib.sha256(person.pk.bytes).digest(),
        size_bytes=48_213,
        media_type=MediaType.WEBP,
        width=512,
        height=512,
    )


register_step(DemoStep(13, "Legal documents", load_documents))
register_step(DemoStep(14, "Acceptances and consents", load_agreements))
register_step(DemoStep(15, "Checks of age and pictures", load_ages_and_pictures))
