"""Two schemas, and two states of the tree, compared."""
