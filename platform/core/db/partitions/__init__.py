"""Partitions by time of the tables whose key is a UUIDv7.

`calendar` says which periods exist, `catalog` which partitions PostgreSQL has, `strategy` and `manager` make
what is missing, `detach` takes away what is old, `detached` drops it or lets it return, `maintenance` is the whole job,
`schema` and `autodetector` teach Django's migrations about partitioned tables, `checks` and `receivers` keep enough
periods ahead. Everything that changes tables runs as their owner.
"""
