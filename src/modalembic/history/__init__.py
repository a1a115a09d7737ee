"""Revisions as data: the static index and its cache, the graph, targets, the plan."""
