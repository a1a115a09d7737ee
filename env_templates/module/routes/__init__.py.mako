"""How the ${title.lower()} module is reached from outside."""
