"""The one error of this room."""


class CannotStart(RuntimeError):
    """A server that the tests need is missing or does not start. The sentence says what to do.

    It fails the run: a test that could not be made is not a test that passed.
    """
