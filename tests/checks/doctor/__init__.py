"""Tests of `doctor`, topic by topic."""
