"""What the ${title.lower()} module raises."""


class ${class_name}Error(Exception):
    """The base of all its exceptions."""
