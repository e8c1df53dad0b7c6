"""The page of functions: what may be called, with whose rights, by whom."""

from core.db.access import function_rights
from core.db.roles import Role
from core.documents.catalog import Function
from core.documents.dictionary import TEST_APPS
from core.documents.markdown import GENERATED, blocks, code, table


def function_page(functions: list[Function]) -> str:
    """Every function of the schema that is no trigger's."""
    callers = {_plain(signature): roles for signature, roles in function_rights().items()}
    rows = [
        (
            code(f"{function.signature.partition('(')[0]}({function.arguments})"),
            code(function.returns),
            "owner" if function.definer else "caller",
            ", ".join(role.short for role in Role if role in callers.get(_plain(function.signature), ())),
            function.comment,
        )
        for function in functions
        if not function.signature.startswith(tuple(f"{app}_" for app in TEST_APPS))
    ]
    return blocks(
        GENERATED,
        "# Functions",
        "What may be called in SQL. A function with the owner's rights checks for itself who calls and what; its "
        "search path is fixed. PUBLIC may execute none. Functions of triggers stand with their tables.",
        table(("Function", "Returns", "Rights", "Roles that may call it", "What it does"), rows),
    )


def _plain(signature: str) -> str:
    return signature.replace(" ", "")
