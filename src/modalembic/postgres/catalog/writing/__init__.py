"""Writing the SQL that creates a catalog again."""
