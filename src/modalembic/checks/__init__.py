"""Questions with findings for answers."""
