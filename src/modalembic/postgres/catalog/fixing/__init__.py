"""The SQL that mends differences, or the reason why there is none."""
