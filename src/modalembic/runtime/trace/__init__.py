"""What is noted of a revision that leaves its transaction, and what follows from it.

Postgres commits such a revision piece by piece. A row of the history table says beforehand what is
about to be committed, so that a run that is killed on the way leaves a trace.
"""
