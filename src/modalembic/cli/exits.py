"""Exit codes; 0 is done, or nothing to find."""

FINDINGS = 1
FAILURE = 2
INTERRUPTED = 130
