"""Models that have not moved into their module yet.

Each one is re-exported by the module that owns it; import it from there.
"""
