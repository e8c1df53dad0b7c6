"""The archive of partitions: rows that left the database, in files that can be proven, asked and brought back.

`declaration` is what a model says about it, `columns` how values lie in a file, `parquet` writes and reads one,
`protection` encrypts what is personal so that it is lost with the key of a person, `manifest` describes a file,
`folder` is where files lie, `queries` answers SQL over them. Nothing here knows which rows leave when.
"""
