"""`check moves`: whether tables that went from one module to another are the same in the database.

The tree at the base is read in a process of its own, this one here. `states` says which tables
moved, `changes` what is different about them, `order` whether their histories are in order, and
`lost` what became of those that are gone.
"""
