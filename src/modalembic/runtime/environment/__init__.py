"""The project's `env.py`: where it is, what it does, and entering it."""
