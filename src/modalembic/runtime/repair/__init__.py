"""`repair`: mends what a database says of itself."""
