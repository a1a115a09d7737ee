"""What a database really matches, whatever its version rows say.

The whole history is replayed once on a scratch database, and its catalog read wherever a revision
goes on with what another one has changed since the last reading (`timeline.py`). Each revision has
a weight: how much nearer running it brings that catalog to the live one (`weights.py`). The set of
revisions that comes nearest is the cheapest that is closed under what revisions need
(`closure.py`); the sets that are as cheap are those that a catalog cannot tell apart, and what is
taken of them is chosen by rules (`choice.py`). The result is proven by comparing the live catalog
with a replay of just these revisions (`search.py`).
"""
