from django.db import migrations

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout

# ISO 639 codes of two and three letters, and PostgreSQL's configuration for the language.
LANGUAGES = {
    "arabic": ("ar", "ara"),
    "armenian": ("hy", "hye"),
    "basque": ("eu", "eus"),
    "catalan": ("ca", "cat"),
    "danish": ("da", "dan"),
    "dutch": ("nl", "nld"),
    "english": ("en", "eng"),
    "estonian": ("et", "est"),
    "finnish": ("fi", "fin"),
    "french": ("fr", "fra"),
    "german": ("de", "deu"),
    "greek": ("el", "ell"),
    "hindi": ("hi", "hin"),
    "hungarian": ("hu", "hun"),
    "indonesian": ("id", "ind"),
    "irish": ("ga", "gle"),
    "italian": ("it", "ita"),
    "lithuanian": ("lt", "lit"),
    "nepali": ("ne", "nep"),
    "norwegian": ("no", "nor", "nb", "nob", "nn", "nno"),
    "portuguese": ("pt", "por"),
    "romanian": ("ro", "ron"),
    "russian": ("ru", "rus"),
    "serbian": ("sr", "srp"),
    "spanish": ("es", "spa"),
    "swedish": ("sv", "swe"),
    "tamil": ("ta", "tam"),
    "turkish": ("tr", "tur"),
    "yiddish": ("yi", "yid"),
}
STEMMED_WORDS = "hword, hword_part, word"

# Punctuation, white space, controls, and symbols that PostgreSQL does not count as punctuation: + < = > ^ ` | ~ $,
# currencies, arrows to dingbats, emoji and their variation selectors.
SEPARATORS = (
    "[[:punct:][:space:][:cntrl:]$+<=>^`|~\u00a2-\u00a9\u00ac-\u00b1\u00b4\u00d7\u00f7"
    "\u20a0-\u20cf\u2190-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]+"
)

# Scripts that write without spaces or glue endings to words: Hangul, Han, kana, Thai, Lao, Khmer, Burmese.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff"
)


def configuration(name: str, like: str, dictionary: str) -> migrations.RunSQL:
    """A text search configuration like PostgreSQL's own, that takes accents away before it stems."""
    return migrations.RunSQL(
        f"CREATE TEXT SEARCH CONFIGURATION {name} (COPY = pg_catalog.{like});"
        f"ALTER TEXT SEARCH CONFIGURATION {name} ALTER MAPPING FOR {STEMMED_WORDS} "
        f"WITH extensions.unaccent, pg_catalog.{dictionary};"
        f"COMMENT ON TEXT SEARCH CONFIGURATION {name} IS "
        f"'As {like} of PostgreSQL, accents taken away first; used by streams_text_configuration.'",
        f"DROP TEXT SEARCH CONFIGURATION {name}",
    )


STEMMER = (
    "SELECT CASE split_part(lower($1), '-', 1)"
    + "".join(f" WHEN '{code}' THEN '{name}'" for name, codes in LANGUAGES.items() for code in codes)
    + " ELSE 'simple' END"
)

CONFIGURATION = "SELECT ('vbl.streams_' || streams_stemmer($1))::regconfig"

SPACED = f"""
SELECT btrim(lower(regexp_replace(
  normalize($1, NFKC) COLLATE pg_unicode_fast, '{SEPARATORS}', ' ', 'g') COLLATE pg_unicode_fast))
"""

FOLDED = (
    "SELECT streams_spaced(extensions.unaccent('extensions.unaccent'::regdictionary, normalize($1, NFKC)))"
)

PAIRS = f"""
SELECT coalesce(string_agg(substr(run.signs[1], place, 2), ' ' ORDER BY run.number, place), '')
FROM regexp_matches(streams_spaced($1), '[{UNSPACED}]{{2,}}', 'g') WITH ORDINALITY AS run(signs, number),
  generate_series(1, length(run.signs[1]) - 1) AS place
"""

# The stem of a language says which: English "cook" is not what Irish makes of it. The lexeme `language:english` lets a
# search pass over words that mean nothing in the language of the row.
STEMS = """
SELECT regexp_replace(
  to_tsvector(streams_text_configuration($1), streams_spaced($2))::text,
  $$'([^']+)'$$, format($$'%s:\\1'$$, streams_stemmer($1)), 'g')::tsvector
"""

VECTOR = """
SELECT array_to_tsvector(ARRAY['language:' || streams_stemmer($1)])
  || setweight(to_tsvector('vbl.streams_simple', streams_spaced($2)), 'A')
  || setweight(to_tsvector('vbl.streams_simple', streams_pairs($2)), 'A')
  || setweight(to_tsvector('vbl.streams_simple', streams_spaced($3)), 'B')
  || setweight(to_tsvector('vbl.streams_simple', streams_pairs($3)), 'B')
  || setweight(to_tsvector('vbl.streams_simple', streams_spaced($4)), 'D')
  || setweight(to_tsvector('vbl.streams_simple', streams_pairs($4)), 'D')
  || CASE WHEN streams_stemmer($1) = 'simple' THEN ''::tsvector
       ELSE setweight(streams_stems($1, $2), 'A') || setweight(streams_stems($1, $4), 'D')
     END
"""

CODES = ", ".join(f"'{codes[0]}'" for codes in LANGUAGES.values())

QUERY = f"""
DECLARE
  word text;
  written tsquery;
  stems text;
  passed_over text;
  exact tsquery;
  lenient tsquery;
  meaningful boolean := false;
BEGIN
  FOREACH word IN ARRAY (string_to_array(streams_spaced(words), ' '))[1:12] LOOP
    word := left(word, 60);
    -- The word as it is written, or as a word begins; one letter of an alphabet begins too many.
    SELECT string_agg(quote_literal(lexeme) || CASE
        WHEN length(lexeme) > 1 OR lexeme ~ '[{UNSPACED}]' THEN ':*' ELSE '' END, ' & ')::tsquery
      INTO written
      FROM unnest(tsvector_to_array(to_tsvector('vbl.streams_simple', word))) AS lexeme;
    CONTINUE WHEN written IS NULL;
    IF streams_pairs(word) <> '' THEN
      written := written || plainto_tsquery('vbl.streams_simple', streams_pairs(word));
      stems := NULL;
      passed_over := NULL;
    ELSE
      -- Its stem in each language: a row has those of its own. A word that means nothing there is passed over.
      SELECT string_agg(quote_literal(stem), ' | '), string_agg(
          quote_literal('language:' || streams_stemmer(code)), ' | ') FILTER (WHERE stem IS NULL)
        INTO stems, passed_over
        FROM unnest(ARRAY[{CODES}]) AS code
          LEFT JOIN LATERAL unnest(tsvector_to_array(streams_stems(code, word))) AS stem ON true;
    END IF;
    IF stems IS NOT NULL THEN
      written := written || stems::tsquery;
    END IF;
    meaningful := meaningful OR passed_over IS NULL;
    exact := CASE WHEN exact IS NULL THEN written ELSE exact && written END;
    IF passed_over IS NOT NULL THEN
      written := written || passed_over::tsquery;
    END IF;
    lenient := CASE WHEN lenient IS NULL THEN written ELSE lenient && written END;
  END LOOP;
  RETURN CASE WHEN meaningful THEN lenient ELSE exact END;
END
"""


class Migration(migrations.Migration):
    """Search understands words: languages, accents, beginnings, and scripts that write without spaces.

    A new stemmer or another rule of folding changes what generated columns hold: it comes with a new function and a
    column rewritten from it (docs/guides/watching.md).
    """

    dependencies = []

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        configuration("streams_simple", "simple", "simple"),
        *(configuration(f"streams_{name}", name, f"{name}_stem") for name in LANGUAGES),
        CreateFunction(
            "streams_stemmer",
            "language text",
            "text",
            STEMMER,
            language="sql",
            volatility="immutable",
            comment="Which stemmer a language has (ISO 639, two or three letters); simple where there is none.",
        ),
        CreateFunction(
            "streams_text_configuration",
            "language text",
            "regconfig",
            CONFIGURATION,
            language="sql",
            volatility="immutable",
            comment="The text search configuration of a language; simple where there is no stemmer.",
        ),
        CreateFunction(
            "streams_spaced",
            "words text",
            "text",
            SPACED,
            language="sql",
            volatility="immutable",
            strict=True,
            comment="A text in small letters and compatible signs (NFKC), single spaces in place of punctuation.",
        ),
        CreateFunction(
            "streams_folded",
            "words text",
            "text",
            FOLDED,
            language="sql",
            volatility="immutable",
            strict=True,
            comment="As streams_spaced, and without accents: names, beginnings and typing errors compare it.",
        ),
        CreateFunction(
            "streams_pairs",
            "words text",
            "text",
            PAIRS,
            language="sql",
            volatility="immutable",
            strict=True,
            comment="Every two neighbouring signs of scripts that write without spaces: parts of words are found.",
        ),
        CreateFunction(
            "streams_stems",
            "language text, words text",
            "tsvector",
            STEMS,
            language="sql",
            volatility="immutable",
            strict=True,
            comment="The stems of a text with their places, each preceded by its stemmer: english:cook.",
        ),
        CreateFunction(
            "streams_search_vector",
            "language text, title text, stage_name text, description text",
            "tsvector",
            VECTOR,
            language="sql",
            volatility="immutable",
            comment="What search reads of a row: title (weight A), stage name (B), description (D).",
        ),
        CreateFunction(
            "streams_search_query",
            "words text",
            "tsquery",
            QUERY,
            volatility="stable",
            comment="What somebody searches for: the first twelve words as written, as beginnings, or by stem.",
        ),
    ]
