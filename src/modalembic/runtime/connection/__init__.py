"""A session with the server, on whichever connection there is, and a second one beside it."""
