"""Conversations with customers, and notifications to users."""
