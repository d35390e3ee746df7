"""The root of every error that this project raises on purpose.

A subclass says in its docstring what went wrong, and that docstring is the message where none is given, so that an
error reads the same wherever it is raised. A message names the field, never the value.
"""


class ComplianceError(Exception):
    """Something was refused, or could not be shown to be right."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or " ".join((self.__doc__ or "").split()))
