"""Work shared among threads: slices of a batch, each with memory of its own."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

M = TypeVar("M")


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


class Crew:
    """Threads that run kernels on slices of a batch (kernels release the GIL).

    Each slot is written by one slice alone and depends on nothing else, so the number of
    threads changes no answer.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.size = threads or cores()
        self._pool = ThreadPoolExecutor(self.size) if self.size > 1 else None

    def __enter__(self) -> "Crew":
        """Return the crew, which is dismissed on leaving."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Dismiss the threads."""
        if self._pool is not None:
            self._pool.shutdown()

    def run(self, work: Callable[[int, int, M], object], n: int, memory: Sequence[M]) -> None:
        """Call `work(first, last, memory_of_the_slice)` over 0:n in as many slices as threads.

        Slices are small and handed out in turn, because starts differ much in cost.
        """
        if self._pool is None or n < 2:
            work(0, n, memory[0])
            return
        pool = self._pool
        step = max(1, n // (8 * self.size))
        edges = iter(range(0, n, step))

        def share(own: M) -> None:
            for first in edges:  # the iterator is shared: the GIL makes `next` atomic
                work(first, min(first + step, n), own)

        for done in [pool.submit(share, own) for own in memory[: self.size]]:
            done.result()
