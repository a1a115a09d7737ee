"""What the ${title.lower()} module does."""
