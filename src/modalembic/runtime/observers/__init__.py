"""Who is told of a run beside the one who asked for it: the project's hooks, and tracing."""
