"""Rights on partitions: none, to anybody but the owner."""

from typing import Any


def revoke_all(cursor: Any, relation: int) -> None:
    """Take every right on the table with this oid, and on its columns, from all roles but its owner.

    A partition that somebody may name goes round the policies of its table; default privileges and
    mistakes may have granted it.
    """
    cursor.execute("select %s::oid::regclass::text", [relation])
    (table,) = cursor.fetchone()
    for grantee in _grantees(cursor, relation):
        cursor.execute(f"REVOKE ALL ON TABLE {table} FROM {grantee}")


def _grantees(cursor: Any, relation: int) -> list[str]:
    """Return the roles, quoted for SQL, that hold a right on the table or on one of its columns."""
    cursor.execute(
        """
        select distinct case when acl.grantee = 0 then 'PUBLIC' else acl.grantee::regrole::text end
        from (
            select relacl from pg_class where oid = %(relation)s
            union all
            select attacl from pg_attribute where attrelid = %(relation)s
        ) held(rights), aclexplode(held.rights) acl
        where acl.grantee <> (select relowner from pg_class where oid = %(relation)s)
        """,
        {"relation": relation},
    )
    return [grantee for (grantee,) in cursor.fetchall()]
