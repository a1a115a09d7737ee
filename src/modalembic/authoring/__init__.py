"""Commands that write the project's files."""
