"""Ending a run before it is done: on SIGTERM, after `--timeout`, after Ctrl-C, with its client.

A signal handler of Python's does not run as long as a driver waits in C, and code that waits in
Python does not hear of what happens on the server. So there are two ways at once: a thread that the
operating system wakes cancels the statement over a second connection, and an exception ends what
Python is at.
"""
