"""What earlier runs have worked out, kept as JSON in the user's cache directory."""
