"""What the ${title.lower()} module does in the background."""
