"""`doctor`: what is wrong in a database, and which command mends it. Each file here is a topic."""
