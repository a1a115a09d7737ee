"""The catalog: what Postgres itself says of a schema.

`read_catalog` reads it, `to_document` and `load` write it as JSON and read it back, `to_sql` writes
the statements that create it again, `compare` says how two of them differ.
"""
