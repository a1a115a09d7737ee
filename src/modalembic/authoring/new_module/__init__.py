"""`new-module`: a module with the structure that the project's modules have, its first revision
included."""
