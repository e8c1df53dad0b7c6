"""Performers of the public follow graph (MUSAE Twitch social networks, ENGB and PTBR), partners first.

The source knows who is a partner of the platform. Partners become verified performers, everybody else a draft of an
application. Names are not in the source: stage names are made of two words and the number of the row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from accounts.datasets import COLUMNS, LANGUAGES, Language, person_of
from accounts.services.users import NewUser, users_import
from core.datasets.files import Row, rows_of, truth
from core.datasets.registry import BrokenRow, Dataset, ReadRow, register
from performers.services.imports import NewPerformer, performers_import

WORDS = {
    "engb": (
        "Amber Autumn Brave Bright Calm Copper Crimson Dapper Distant Early Electric Emerald Gentle Golden Hidden "
        "Ivory Jolly Lucky Lunar Mellow Midnight Misty Northern Quiet Rapid Royal Rustic Scarlet Silent Silver Solar "
        "Stormy Sunny Velvet Violet Wandering Wild Winter Witty Zesty",
        "Badger Beacon Comet Compass Crow Dragon Ember Falcon Feather Fern Fox Galaxy Harbour Hare Heron Horizon "
        "Jester Kestrel Lantern Lark Lynx Maple Marten Meteor Otter Owl Piper Puffin Raven Ranger Robin Rover Sparrow "
        "Spark Thistle Tiger Weaver Willow Wolf Wren",
    ),
    "ptbr": (
        "Alegre Ágil Azul Brava Calma Clara Dourada Doce Elétrica Fiel Forte Gentil Grande Ímpar Jovem Leal Leve Livre "
        "Lunar Mágica Mística Nobre Ousada Polar Rápida Rara Real Sábia Serena Simples Solar Suave Sutil Tímida "
        "Tropical Única Veloz Verde Viva Zen",
        "Águia Arara Aurora Baleia Borboleta Brisa Canção Capivara Chama Cigarra Coruja Estação Estrela Faísca Fênix "
        "Flecha Floresta Garça Gaivota Lebre Libélula Lua Maçã Manhã Maré Nuvem Onça Onda Ovelha Pantera Pérola "
        "Raposa Rosa Sereia Serra Sombra Tempestade Trovoada Vereda Voz",
    ),
}
"""Describing words and things, by the prefix of the handle; Portuguese puts the thing first."""


@dataclass(frozen=True)
class Streamer:
    """A person of the graph and whether the platform has them as a partner."""

    person: NewUser
    is_partner: bool


def stage_name(handle: str) -> str:
    """The name on stage of a person of the graph: `engb_41` is always the same Amber Badger 41."""
    prefix, _, number = handle.partition("_")
    describing, things = (words.split() for words in WORDS[prefix])
    place = int(number) * 2_654_435_761 % 2**32  # spreads neighbours (multiplicative hashing, Knuth 6.4)
    words = [describing[place % len(describing)], things[place // len(describing) % len(things)]]
    return " ".join([*(reversed(words) if prefix == "ptbr" else words), number])


def _streamer(language: Language, row: Row) -> Streamer:
    return Streamer(person_of(language, row), truth(row, "partner"))


def read_streamers(path: Path) -> Iterator[ReadRow | BrokenRow]:
    """Everybody in both files: broken rows, then partners, then the others. Raises `DatasetRefused`."""
    rows = [
        row
        for language in LANGUAGES
        for row in rows_of(path / language.file, COLUMNS, partial(_streamer, language))
    ]
    seen: set[str] = set()
    good: list[ReadRow] = []
    for row in rows:
        if isinstance(row, BrokenRow):
            yield row
        elif row.value.person.handle in seen:
            yield BrokenRow(row.file, row.line, f"{row.value.person.handle} stands in the files twice")
        else:
            seen.add(row.value.person.handle)
            good.append(row)
    yield from (row for row in good if row.value.is_partner)
    yield from (row for row in good if not row.value.is_partner)


def _write(streamers: list[Streamer]) -> int:
    users_import(people=[streamer.person for streamer in streamers])
    return performers_import(
        performers=[
            NewPerformer(
                person_id=streamer.person.id,
                stage_name=stage_name(streamer.person.handle),
                country=streamer.person.country,
                language=streamer.person.locale.partition("-")[0],
                joined_at=streamer.person.signed_up_at,
                is_verified=streamer.is_partner,
            )
            for streamer in streamers
            if streamer.person.id and streamer.person.signed_up_at
        ]
    )


register(
    Dataset(
        name="performers",
        words="9,038 live streamers as performers: 663 partners verified, the others as drafts",
        read=read_streamers,
        write=_write,
        batch=500,
    )
)
