"""What search reads: one row per stream, archive or performer that anybody may find."""

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func

from core.db.constraints import one_of
from core.db.holds import NotHeld
from core.db.indexes import BTree, Gin
from core.db.policies import policies
from core.db.privacy import personal
from core.db.roles import Role
from core.models import Identified, Volume
from streams.choices import SearchKind


class SearchVector(Func):
    """`streams_search_vector`: the words of a row, as written and stemmed in its language."""

    function = "streams_search_vector"
    arity = 4
    output_field = SearchVectorField()


class Folded(Func):
    """`streams_folded`: small letters, no accents, single spaces between words."""

    function = "streams_folded"
    arity = 1
    output_field = models.TextField()


class SearchDocument(Identified):
    """One row per findable stream, archive or performer, with the id of what it stands for.

    A projection (docs/decisions/0025): kept by triggers on streams and archives and by what performers announce, made
    whole again by the job `search_refresh`. It is apart from `Stream`, whose rows change with each sign of life: its
    indexes would be written as often. Nobody reads it but `streams_search`, which asks again
    whether the row may be found.
    """

    volume, retention = Volume.LARGE, "while what it stands for can be found"
    held_by = NotHeld("A copy for searching, made anew from the rows that are kept.")

    kind = models.TextField(choices=SearchKind, db_comment="What the row stands for; the id is that of it.")
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="search_documents",
        db_comment="Whose it is.",
    )
    language = models.TextField(db_comment="Language of the words, ISO 639; empty: not known.")
    title = models.TextField(db_comment="Title; for a performer the headline.")
    stage_name = personal(models.TextField(db_comment="Name under which the performer is known."))
    description = models.TextField(db_comment="Description; for a performer the biography.")
    folded_title = models.GeneratedField(
        expression=Folded(F("title")),
        output_field=models.TextField(),
        db_persist=True,
        db_comment="The title in small letters without accents: beginnings are compared by it.",
    )
    folded_name = models.GeneratedField(
        expression=Folded(F("stage_name")),
        output_field=models.TextField(),
        db_persist=True,
        db_comment="The stage name in small letters without accents: exact names are compared by it.",
    )
    vector = models.GeneratedField(
        expression=SearchVector(F("language"), F("title"), F("stage_name"), F("description")),
        output_field=SearchVectorField(),
        db_persist=True,
        db_comment="Words and stems: title (weight A), stage name (B), description (D).",
    )

    class Meta:
        db_table_comment = (
            "One row per findable stream, archive or performer: what search reads. Written by triggers and "
            "streams_search_refresh. Kept while what it stands for can be found."
        )
        constraints = [
            one_of("kind", SearchKind),
            *policies(Role.AUDITOR, command="select", using="true"),
        ]
        indexes = [
            Gin(
                fields=["vector"],
                serves="docs/queries/search_by_words.sql: words, stems and beginnings of words",
            ),
            Gin(
                fields=["folded_title", "folded_name"],
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
                name="%(app_label)s_%(class)s_similar_idx",
                serves="docs/queries/search_by_similarity.sql: titles and stage names despite typing errors",
            ),
            BTree(
                fields=["performer", "kind"],
                serves="streams_search_refresh: what belongs to a performer who was renamed or left",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.stage_name
