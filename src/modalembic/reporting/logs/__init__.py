"""What goes to stderr as JSON: one object a line, whoever writes it."""
