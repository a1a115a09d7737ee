"""Tests of `modalembic.runtime.match`."""
