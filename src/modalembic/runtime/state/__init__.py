"""What a database has run, against what the code here would run."""
