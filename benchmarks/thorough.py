"""Hold every estimator of the package to all laws on many data sets, round by round, and keep how far it went."""

import argparse
import json
import platform
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from exportmodels.laws.catalogue import applicable
from exportmodels.laws.checking import hold
from exportmodels.laws.law import LawBroken
from exportmodels.laws.ours import ModelAdapter, all_ours

PAGE = Path(__file__).parent.parent / "docs" / "laws_thorough.inc"
# What every estimator shall be held on in the end.
BAR = 10_000
PACKAGES = ("exportmodels", "hypothesis", "numpy", "scipy", "pandas")


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
    arguments.add_argument("--until", default="", help="when to stop, such as 15:30; by default when all is done")
    arguments.add_argument("--state", type=Path, default=Path("laws_thorough.json"), help="where to keep the state")
    said = arguments.parse_args()
    known = json.loads(said.state.read_text()) if said.state.exists() else {}
    records = {adapter.name: Record(**known.get(adapter.name, {})) for adapter in all_ours()}
    while True:
        open_ = [adapter for adapter in all_ours() if records[adapter.name].examples < said.examples]
        for adapter in sorted(open_, key=lambda adapter: records[adapter.name].rounds):
            if said.until and datetime.now().strftime("%H:%M") >= said.until:
                return
            one_round(adapter, records[adapter.name], said.round)
            said.state.write_text(json.dumps({name: asdict(record) for name, record in records.items()}, indent=1))
            PAGE.write_text(page(records), encoding="utf-8")
        if not open_:
            return


def one_round(adapter: ModelAdapter, record: Record, examples: int) -> None:
    """Hold one estimator on further data sets; the number of the round is the seed."""
    laws, began = applicable(adapter), time.process_time()
    try:
        record.tried += hold(laws, adapter, examples, seed=record.rounds, shrink=False)
        record.examples += examples
    except LawBroken as broken:
        record.broken.append(f"seed {record.rounds}: {str(broken).splitlines()[0]}")
    record.rounds, record.laws = record.rounds + 1, len(laws)
    record.seconds += time.process_time() - began
    print(f"{adapter.name}: {record.examples} data sets, {len(record.broken)} broken", flush=True)


def page(records: dict[str, Record]) -> str:
    """Return the table for the docs."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("exportmodels", "hypothesis", "numpy", "scipy", "pandas")
    )
    done = {name: record for name, record in records.items() if record.rounds}
    total, seconds = sum(r.examples for r in done.values()), sum(r.seconds for r in done.values())
    each = sum(r.seconds / max(r.examples, 1) for r in done.values())
    lines = [
        f"{len(done)} of {len(records)} estimators, {total:,} data sets, {seconds / 60:.0f} minutes of one core; "
        f"seeds from 0 on, one a round; Python {platform.python_version()}, {packages}. {BAR:,} data sets for each of "
        f"these would take {each * BAR / 3600:.0f} hours of one core.",
        "",
        ".. csv-table::",
        "   :header: Estimator, Laws, Data sets, Had something to say, Seconds, Broken",
        "   :widths: 46 9 9 14 10 12",
        "",
    ]
    for name, r in done.items():
        said = r.tried / max(r.laws * r.examples, 1)
        lines.append(f'   "{name}", {r.laws}, "{r.examples:,}", {said:.0%}, {r.seconds:.0f}, {len(r.broken)}')
    found = [f"- {name}, {text}" for name, record in done.items() for text in record.broken]
    return "\n".join([*lines, "", *found, ""])


if __name__ == "__main__":
    main()
