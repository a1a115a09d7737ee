"""`uninstall`: what it would take, the backup, the downgrades, and what these have changed."""
