"""Templates: plain text in which `{{ name }}` stands for a value. There is nothing else, so there is nothing to run.

The values are put in once: a value that looks like a variable stays what it is. The trigger `TemplateIsSafe` of the
database refuses the same wordings, whoever writes them.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import escape, linebreaks

from engagement.notification_errors import TemplateRefused, VariableMissing

VARIABLE = re.compile(r"\{\{ *([a-z][a-z0-9_]*) *\}\}")
ENGINE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\$\{")
MARKUP = re.compile(r"<[a-z/!?]|(?:javascript|vbscript|data):", re.IGNORECASE)
UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
"""Control characters, direction marks and invisible signs: values lose them, whoever made the value."""

BLANKS = re.compile(r"\s+")
LONGEST_SUBJECT = 400
LONGEST_IN_APP = 1000
ELLIPSIS = "…"


@dataclass(frozen=True)
class Rendered:
    """What somebody reads: one line, and a text."""

    subject: str
    body: str


def variables_of(*texts: str) -> set[str]:
    """The variables that the texts name."""
    return {name for text in texts for name in VARIABLE.findall(text)}


def wording_check(*, subject: str, body: str, known: Collection[str]) -> None:
    """Raise TemplateRefused, with a sentence, unless the wording is text that names known variables only."""
    unknown = sorted(variables_of(subject, body) - set(known))
    if unknown:
        raise TemplateRefused(
            f"There is no variable {', '.join(unknown)} here. Known are: {', '.join(sorted(known)) or 'none'}."
        )
    rest = VARIABLE.sub("", f"{subject}\n{body}")
    if ENGINE.search(rest):
        raise TemplateRefused(
            "A template knows nothing but {{ name }}: no filters, calls, conditions or loops."
        )
    if MARKUP.search(rest):
        raise TemplateRefused("A template is plain text: no markup and no scripts.")
    if not subject.strip() or not body.strip():
        raise TemplateRefused("A template has a subject and a body.")


def render(*, subject: str, body: str, variables: Mapping[str, object]) -> Rendered:
    """The wording with its values. Raises VariableMissing, and names what is missing."""
    missing = sorted(variables_of(subject, body) - set(variables))
    if missing:
        raise VariableMissing(f"There is no value for: {', '.join(missing)}.")
    line = BLANKS.sub(" ", _filled(subject, variables)).strip()
    return Rendered(shortened(line, LONGEST_SUBJECT), _filled(body, variables).strip())


def _filled(text: str, variables: Mapping[str, object]) -> str:
    return VARIABLE.sub(lambda match: UNSEEN.sub("", str(variables[match[1]])), text)


def shortened(text: str, most: int) -> str:
    """The text, cut with an ellipsis where it is longer than `most` characters."""
    return text if len(text) <= most else text[: most - len(ELLIPSIS)] + ELLIPSIS


def html_of(rendered: Rendered, *, link: str = "", footer: Iterable[str] = ()) -> str:
    """The same as HTML for mail: everything escaped, paragraphs kept, nothing loaded from elsewhere."""
    parts = [linebreaks(rendered.body, autoescape=True)]
    if link:
        parts.append(f'<p><a href="{escape(link)}">{escape(link)}</a></p>')
    parts += [f"<p><small>{escape(line)}</small></p>" for line in footer]
    return f'<!doctype html><html><head><meta charset="utf-8"></head><body>{"".join(parts)}</body></html>'
