"""Reading a catalog: a constant number of queries, whatever the number of tables.

Each file has the query for one kind of object as a constant beside the function that runs it.
"""
