"""The data that goes in and out of the ${title.lower()} module."""
