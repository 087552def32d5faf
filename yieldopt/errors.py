"""What a user can put right: each error is one line that says where, what, and what to do."""


class InputError(ValueError):
    """The input is wrong: which file or key, what is wrong, what to do (exit code 2)."""


class NothingFitsError(Exception):
    """No stone fits under these limits: which limit, and the largest without it (exit code 3)."""
