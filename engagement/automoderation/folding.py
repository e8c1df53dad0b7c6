"""Making texts comparable: case, marks, look-alikes and invisible signs go; what a reader would read stays."""

import unicodedata

LOOK_ALIKES = str.maketrans(
    # Cyrillic and Greek letters that look like Latin ones (Unicode Technical Standard 39, confusables), and Latin ones
    # with strokes that no decomposition resolves; each below the letter for which it is read.
    "\u0430\u0432\u0441\u0435\u0451\u04bb\u0456\u0457\u0458\u043a\u043c\u043d\u043e\u0440\u0455\u0442\u0443\u0445\u0501\u051b\u0461"
    "\u03b1\u03b5\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03f2\u03f3"
    "\u00f8\u0142\u0111\u0127\u0167\u0131\u0251\u0261\u0269",
    "abceehiijkmhopstyxdqwaenikvoptuxcjoldhtiagi",
) | {ord("\u00e6"): "ae", ord("\u0153"): "oe"}
"""Signs read as another one, small letters only: folding has removed the capitals."""


def fold(text: str) -> str:
    """The text in small letters without marks, invisible signs and look-alikes; signs and spaces stay.

    Compatibility forms (full width, mathematical, circled letters) become plain ones. Folding what is folded changes
    nothing.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Mn", "Me", "Cf"))
    return unicodedata.normalize("NFC", kept.translate(LOOK_ALIKES))
