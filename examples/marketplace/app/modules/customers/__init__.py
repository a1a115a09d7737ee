"""The people who buy, their addresses and groups."""
