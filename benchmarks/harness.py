"""Side by side: ours and each peer in turn, round after round, in one process; medians and their ratio."""

import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Case:
    """One line of a benchmark: the same task, done by us and by peers.

    Parameters
    ----------
    task : str
        What is fitted, and on how many rows.
    ours : callable
        Does the whole task once and returns the coefficients, in the peers' order, that are compared.
    peers : dict of str to callable
        Does the same with another package; the name carries its version.
    rounds : int
        How often each is run; they take turns, so that a slow minute of the machine hits all.
    tolerance : float
        The largest difference of coefficients, relative to their size, that still counts as the same answer.
    note : str
        What a reader must know to judge the line.
    """

    task: str
    ours: Callable[[], np.ndarray]
    peers: Mapping[str, Callable[[], np.ndarray]] = field(default_factory=dict)
    rounds: int = 5
    tolerance: float = 1e-4
    note: str = ""


@dataclass(frozen=True)
class Line:
    """What came out of a case for one peer."""

    task: str
    peer: str
    ours_seconds: float
    peer_seconds: float
    difference: float
    note: str
    unfinished: str = ""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The seconds of both, how many times as long the peer took, and the difference, as texts."""
        if np.isnan(self.peer_seconds):
            return f"{self.ours_seconds:.3g}", self.unfinished or "n/a", "n/a", "n/a"
        ratio = self.peer_seconds / self.ours_seconds
        shown = f"{ratio:.2g}" if ratio < 100 else f"{ratio:.0f}"
        return f"{self.ours_seconds:.3g}", f"{self.peer_seconds:.3g}", shown, f"{self.difference:.0e}"


class UnfinishedError(Exception):
    """A peer that needs more memory than the machine has, or more time than it was given."""


def guarded(task: Callable[[], np.ndarray], minutes: float = 15.0) -> Callable[[], np.ndarray]:
    """Return the task to be run in a process of its own, in most of the free memory and at most so many minutes."""
    gigabytes = 0.0

    def inside(send: Callable[[object], None]) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (int(gigabytes * 1e9),) * 2)
        try:
            send(np.asarray(task(), dtype=float))
        except MemoryError:
            send(None)

    def run_guarded() -> np.ndarray:
        nonlocal gigabytes
        gigabytes = 0.75 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES") / 1e9
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=inside, args=(sender.send,))
        process.start()
        sender.close()
        try:
            if not receiver.poll(60 * minutes):
                raise UnfinishedError(f"more than {minutes:g} minutes")
            answer = receiver.recv()
        except EOFError:  # killed by the system
            answer = None
        finally:
            process.kill()
            process.join()
        if answer is None:
            raise UnfinishedError(f"more than {gigabytes:.0f} GB of memory")
        return answer

    return run_guarded


def seconds(task: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Time one run."""
    start = time.perf_counter()
    answer = task()
    return time.perf_counter() - start, np.asarray(answer, dtype=float)


def run(case: Case) -> list[Line]:
    """Run a case; one line for each peer, and one without a peer where there is none."""
    taken: dict[str, list[float]] = {name: [] for name in ("", *case.peers)}
    answers: dict[str, np.ndarray] = {}
    unfinished: dict[str, str] = {}
    for turn in range(case.rounds + (case.rounds > 1)):  # the first of several turns warms up
        for name, task in {"": case.ours, **case.peers}.items():
            try:
                spent, answers[name] = seconds(task)
            except UnfinishedError as reason:
                unfinished[name] = str(reason)
                continue
            if turn or case.rounds == 1:
                taken[name].append(spent)
    median = {name: statistics.median(times) for name, times in taken.items() if times}
    lines = []
    for name in case.peers or {"none": None}:
        apart = _apart(answers[""], answers[name]) if name in answers else np.nan
        if apart > case.tolerance:
            raise AssertionError(f"{case.task}: {name} gives another answer, {apart:.1e} apart: nothing to compare")
        peer_seconds, reason = median.get(name, np.nan), unfinished.get(name, "")
        lines.append(Line(case.task, name, median[""], peer_seconds, apart, case.note, reason))
    return lines


def _apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1.0)))


def markdown(lines: Iterable[Line]) -> str:
    """Lay lines out as a Markdown table."""
    rows = [
        "| task | peer | ours (s) | peer (s) | peer / ours | largest difference | note |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    rows += [f"| {line.task} | {line.peer} | {' | '.join(line.cells)} | {line.note} |" for line in lines]
    return "\n".join(rows)


def rst(lines: Iterable[Line]) -> str:
    """Lay lines out as a table of the documentation."""
    rows = [".. list-table::", "   :header-rows: 1", "   :widths: 38 18 10 10 10 14", ""]
    cells = [("Task", "Peer", "Ours (s)", "Peer (s)", "Peer / ours", "Difference")]
    for line in lines:
        ours, peer, ratio, apart = line.cells
        task = line.task + (f" ({line.note})" if line.note else "")
        cells.append((task, line.peer, ours, peer, f"**{ratio}**" if ratio != "n/a" else ratio, apart))
    for row in cells:
        rows += [f"   {'* -' if k == 0 else '  -'} {cell}" for k, cell in enumerate(row)]
    return "\n".join(rows)


def main(cases: Iterable[Case]) -> None:
    """Run cases and print their table; what a benchmark file calls when it is run by itself."""
    print(markdown([line for case in cases for line in run(case)]))
