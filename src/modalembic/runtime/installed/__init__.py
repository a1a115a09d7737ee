"""Which modules a database has: the table that says so, `install`, and `uninstall`."""
