"""Side by side: ours and each peer in turn, round after round, in one process; medians and their ratio."""

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

    @property
    def ratio(self) -> float:
        """How many times as long the peer took."""
        return self.peer_seconds / self.ours_seconds


def seconds(task: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Time one run."""
    start = time.perf_counter()
    answer = task()
    return time.perf_counter() - start, np.asarray(answer, dtype=float)


def run(case: Case) -> list[Line]:
    """Run a case; one line for each peer, and one without a peer where there is none."""
    taken: dict[str, list[float]] = {name: [] for name in ("", *case.peers)}
    answers: dict[str, np.ndarray] = {}
    for turn in range(case.rounds + 1):
        for name, task in {"": case.ours, **case.peers}.items():
            spent, answers[name] = seconds(task)
            if turn or case.rounds == 1:
                taken[name].append(spent)
    median = {name: statistics.median(times) for name, times in taken.items()}
    lines = []
    for name in case.peers or {"none": None}:
        apart = _apart(answers[""], answers[name]) if name in answers else np.nan
        if apart > case.tolerance:
            raise AssertionError(f"{case.task}: {name} gives another answer, {apart:.1e} apart: nothing to compare")
        lines.append(Line(case.task, name, median[""], median.get(name, np.nan), apart, case.note))
    return lines


def _apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1.0)))


def markdown(lines: Iterable[Line]) -> str:
    """Lay lines out as a Markdown table."""
    rows = [
        "| task | peer | ours (s) | peer (s) | peer / ours | largest difference | note |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    rows += [
        f"| {line.task} | {line.peer} | {line.ours_seconds:.4g} | {line.peer_seconds:.4g} | {line.ratio:.2g} "
        f"| {line.difference:.1e} | {line.note} |"
        for line in lines
    ]
    return "\n".join(rows)


def rst(lines: Iterable[Line]) -> str:
    """Lay lines out as a table of the documentation."""
    rows = [".. list-table::", "   :header-rows: 1", "   :widths: 38 18 10 10 10 14", ""]
    cells = [("Task", "Peer", "Ours (s)", "Peer (s)", "Peer / ours", "Difference")]
    cells += [
        (
            line.task + (f" ({line.note})" if line.note else ""),
            line.peer,
            f"{line.ours_seconds:.3g}",
            f"{line.peer_seconds:.3g}",
            f"**{line.ratio:.2g}**",
            f"{line.difference:.0e}",
        )
        for line in lines
    ]
    for row in cells:
        rows += [f"   {'* -' if k == 0 else '  -'} {cell}" for k, cell in enumerate(row)]
    return "\n".join(rows)


def main(cases: Iterable[Case]) -> None:
    """Run cases and print their table; what a benchmark file calls when it is run by itself."""
    print(markdown([line for case in cases for line in run(case)]))
