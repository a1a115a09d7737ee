"""Where a difference belongs: the module, and the line of a model or revision that speaks of it."""
