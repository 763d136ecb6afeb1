"""Hold every estimator of the package to all laws on many data sets, round by round, and keep how far it went."""

import argparse
import json
import platform
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from exportmodels.laws.catalogue import applicable
from exportmodels.laws.checking import hold
from exportmodels.laws.ours import all_ours
from exportmodels.laws.trial import LawBroken

PAGE = Path(__file__).parent.parent / "docs" / "laws_thorough.inc"
# What every estimator shall be held on in the end.
BAR = 10_000
PACKAGES = ("exportmodels", "hypothesis", "numpy", "scipy", "pandas")
ADAPTERS = {adapter.name: adapter for adapter in all_ours()}


@dataclass
class Record:
    """What is known of one estimator: rounds done, data sets, laws tried on them, seconds, and what was broken."""

    rounds: int = 0
    examples: int = 0
    laws: int = 0
    tried: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)


def main() -> None:
    """Go round the estimators until each has `--examples` data sets, or the time is up; go on where it was left."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--examples", type=int, default=BAR, help="data sets an estimator")
    arguments.add_argument("--round", type=int, default=50, help="data sets a round")
    arguments.add_argument("--jobs", type=int, default=1, help="processes")
    arguments.add_argument(
        "--until", default="", help="when to begin no more, such as 15:30; by default when all is done"
    )
    arguments.add_argument("--state", type=Path, default=Path("laws_thorough.json"), help="where to keep the state")
    said = arguments.parse_args()
    known = json.loads(said.state.read_text()) if said.state.exists() else {}
    records = {name: Record(**known.get(name, {})) for name in ADAPTERS}
    with ProcessPoolExecutor(said.jobs) as pool:
        for name in rounds(pool, records, said):
            record = records[name]
            print(f"{name}: {record.examples} data sets, {len(record.broken)} broken", flush=True)
            said.state.write_text(json.dumps({name: asdict(record) for name, record in records.items()}, indent=1))
            PAGE.write_text(page(records), encoding="utf-8")


def rounds(pool: ProcessPoolExecutor, records: dict[str, Record], said: argparse.Namespace) -> Iterator[str]:
    """Play rounds, those with the least data sets first, and yield whose record has grown."""
    playing: dict[Future[Record], str] = {}
    while True:
        late = said.until and datetime.now().strftime("%H:%M") >= said.until
        idle = (name for name, r in records.items() if r.examples < said.examples and name not in playing.values())
        for name in sorted(idle, key=lambda name: records[name].rounds)[: 0 if late else said.jobs - len(playing)]:
            playing[pool.submit(one_round, name, said.round, records[name])] = name
        if not playing:
            return
        for done in wait(playing, return_when=FIRST_COMPLETED).done:
            name = playing.pop(done)
            records[name] = done.result()
            yield name


def one_round(name: str, examples: int, record: Record) -> Record:
    """Hold one estimator on further data sets, the number of the round being the seed; return the longer record."""
    laws, began = applicable(ADAPTERS[name]), time.process_time()
    try:
        record.tried += hold(laws, ADAPTERS[name], examples, seed=record.rounds, shrink=False)
        record.examples += examples
    except LawBroken as broken:
        record.broken.append(f"seed {record.rounds}: {str(broken).splitlines()[0]}")
    record.rounds, record.laws = record.rounds + 1, len(laws)
    record.seconds += time.process_time() - began
    return record


def page(records: dict[str, Record]) -> str:
    """Return the table for the docs."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    done = {name: record for name, record in records.items() if record.rounds}
    total, seconds = sum(r.examples for r in done.values()), sum(r.seconds for r in done.values())
    tried, each = sum(r.tried for r in done.values()), sum(r.seconds / max(r.examples, 1) for r in done.values())
    fewest, least = min(r.examples for r in done.values()), min(r.tried for r in done.values())
    lines = [
        f"{len(done)} of {len(records)} estimators, {total:,} data sets, {tried:,} checks of a law on a data set (no "
        f"estimator has fewer than {fewest:,} data sets and {least:,} checks), "
        f"{seconds / 60:.0f} minutes of one core; seeds from 0 on, one a round; Python {platform.python_version()}, "
        f"{packages}. {BAR:,} data sets for each of these would take {each * BAR / 3600:.0f} hours of one core.",
        "",
        ".. csv-table::",
        "   :header: Estimator, Laws, Data sets, Checks, Seconds, Broken",
        "   :widths: 46 9 11 12 10 12",
        "",
    ]
    for name, r in done.items():
        lines.append(f'   "{name}", {r.laws}, "{r.examples:,}", "{r.tried:,}", {r.seconds:.0f}, {len(r.broken)}')
    found = [f"- {name}, {text}" for name, record in done.items() for text in record.broken]
    return "\n".join([*lines, "", *found, ""])


if __name__ == "__main__":
    main()
