"""What is watched while a revision runs: its statements, and the locks it waits for and holds."""
