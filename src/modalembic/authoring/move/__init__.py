"""`move`: code changes its module, the database does not.

Each step works on a `SourceTree`, the project's source as it is to be; nothing is written before
the result has been laid out elsewhere and proven there.

`plan` reads what is to go where, `relocations` says which dotted names that changes, `references`
rewrites whoever uses them, `transplant` takes definitions along, `reexports` leaves something at
the old place, `proof` imports the result. `command` puts them in this order.
"""
