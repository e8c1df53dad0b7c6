"""The languages that performers speak."""

from collections.abc import Mapping
from uuid import UUID

import pycountry
from django.db import transaction

from accounts.models import User
from core.db.locking import locked
from core.db.refusals import refused_as
from performers.announcements import languages_changed
from performers.choices import LanguageLevel
from performers.errors import LanguageRefused
from performers.models import PerformerLanguage, PerformerProfile

MOST = 20
SPECIAL = "S"
"""Scope of ISO 639-3 of codes that name no language: undetermined, several, none."""


def language_check(code: str) -> str:
    """The shortest ISO 639 code of a language (639-1, else 639-3). Raises LanguageRefused when there is none."""
    asked = code.strip().lower()
    found = pycountry.languages.get(alpha_2=asked) or pycountry.languages.get(alpha_3=asked)
    found = found or pycountry.languages.get(bibliographic=asked)
    if found is None or found.scope == SPECIAL:
        raise LanguageRefused(
            f"There is no language with the code {asked[:10] or '(empty)'}. Write de, or haw (ISO 639)."
        )
    return str(getattr(found, "alpha_2", found.alpha_3))


@transaction.atomic
def languages_set(
    *, performer_id: UUID, levels: Mapping[str, LanguageLevel | str], actor: User | None
) -> list[PerformerLanguage]:
    """Say which languages a performer speaks, and how well: this set takes the place of the former.

    The caller acts as the performer. Locks: the profile. Raises: LanguageRefused (unknown language or level, one twice,
    more than 20), NotThere. Announces: `languages_changed` unless nothing changed.
    """
    if len(levels) > MOST:
        raise LanguageRefused(f"Name at most {MOST} languages.")
    unknown = [str(level) for level in levels.values() if level not in LanguageLevel.values]
    if unknown:
        raise LanguageRefused(
            f"There is no level {unknown[0][:20]}: choose {', '.join(LanguageLevel.values)}."
        )
    wanted = {language_check(code): str(level) for code, level in levels.items()}
    if len(wanted) < len(levels):
        raise LanguageRefused("The same language is named twice, in two spellings of its code.")
    profile = locked(PerformerProfile, performer_id)
    present = {row.language: row for row in PerformerLanguage.objects.filter(performer_id=profile.pk)}
    if {code: row.level for code, row in present.items()} == wanted:
        return sorted(present.values(), key=lambda row: row.language)
    PerformerLanguage.objects.filter(
        pk__in=[row.pk for code, row in present.items() if code not in wanted]
    ).delete()
    with refused_as(LanguageRefused):
        for code, level in wanted.items():
            if code not in present:
                PerformerLanguage.objects.create(performer=profile, language=code, level=level)
            elif present[code].level != level:
                present[code].level = level
                present[code].save(update_fields=["level"])
    languages_changed.send(
        sender=PerformerLanguage, actor=actor, subject=profile.user, detail={"languages": len(wanted)}
    )
    return list(PerformerLanguage.objects.filter(performer_id=profile.pk).order_by("language"))
