"""Progress: what the search tells whoever listens."""


class Listener:
    """Hears of progress; every method does nothing unless overridden."""

    def compiling(self) -> None:
        """Tell that the kernels are being compiled (first run on this machine)."""

    def progress(
        self, *, phase: str, evaluations: int, best_ct: float, bound_ct: float, share: float
    ) -> None:
        """Tell the state between two batches; `share` of the work is done (0 to 1)."""
