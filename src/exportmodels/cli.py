"""The command line: exportmodels report | check | tables | codebook."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import __version__

FORMATS = ("questionnaire", "enterprise-survey")
FAULTS, ERROR, INTERRUPTED = 1, 2, 130
"""Exit codes: answers with faults, an error of ours or of usage, stopped by the user."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command and its options; those of the process by default.

    Returns
    -------
    int
        The exit code: 0 when all went well, 1 when `check` found faults, 2 for an error.
    """
    options = _parser().parse_args(arguments)
    from .core.errors import ExportModelsError, ExportModelsWarning

    with warnings.catch_warnings():
        warnings.simplefilter("always", ExportModelsWarning)
        warnings.showwarning = _show  # type: ignore[assignment]
        try:
            return int(options.run(options))
        except ExportModelsError as error:
            print(f"exportmodels: {' '.join(str(error).split())}", file=sys.stderr)
            return ERROR
        except KeyboardInterrupt:
            print("exportmodels: stopped; nothing was changed", file=sys.stderr)
            return INTERRUPTED
        except BrokenPipeError:  # the reader of our output (`head`, `less`) has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0


def _show(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"exportmodels: note: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="exportmodels",
        description="Statistical models of why, when, how much and how widely small firms sell abroad.",
    )
    parser.add_argument("--version", action="version", version=f"exportmodels {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_report(commands)
    _add_check(commands)
    _add_tables(commands)
    _add_codebook(commands)
    return parser


def _add(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(run=run)
    return parser  # type: ignore[no-any-return]


def _add_file(parser: argparse.ArgumentParser, *, needed: bool) -> None:
    what = "CSV file of answers to the questionnaire, or an Enterprise Survey (.sav, .dta)"
    parser.add_argument("answers", metavar="ANSWERS", nargs=None if needed else "?", help=what)
    parser.add_argument("--format", choices=FORMATS, help="what the file is (default: by its ending)")
    parser.add_argument(
        "--surveyed", type=int, metavar="YEAR", help="year of the answers, if the file does not tell it"
    )
    parser.add_argument(
        "--weights",
        default="wmedian",
        metavar="NAME",
        help="weights of an Enterprise Survey, or 'none' (default: wmedian)",
    )


def _add_models(parser: argparse.ArgumentParser) -> None:
    _add_file(parser, needed=False)
    parser.add_argument("--by", metavar="COLUMN", help="column that makes the groups (default: niche, or novel)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the synthetic sample (default: 0)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar, no closing line")


def _add_report(commands: Any) -> None:
    parser = _add(commands, "report", _report, "write the report as one HTML page, with tables and figures as files")
    _add_models(parser)
    parser.add_argument(
        "--out", type=Path, default=Path("report-out"), metavar="DIR", help="folder (default: report-out)"
    )


def _add_check(commands: Any) -> None:
    parser = _add(commands, "check", _check, "list the answers that break a rule; exit code 1 when there are any")
    _add_file(parser, needed=True)


def _add_tables(commands: Any) -> None:
    parser = _add(commands, "tables", _tables, "print the regression tables of the report")
    _add_models(parser)
    choices = ("all", "timing", "share", "spread", "strategy", "across")
    parser.add_argument("--question", choices=choices, default="all", help="one table only")
    parser.add_argument("--as", dest="kind", choices=("md", "tex", "html"), default="md", help="default: md")


def _add_codebook(commands: Any) -> None:
    parser = _add(commands, "codebook", _codebook, "print the questionnaire: items, codes, routes, faults")
    parser.add_argument("--language", choices=("en", "nl"), default="en", help="default: en")


def _format(options: argparse.Namespace) -> str:
    """Return what the file is: as named, else by its ending."""
    if options.format is not None:
        return str(options.format)
    ending = Path(options.answers or "").suffix.lower()
    return "enterprise-survey" if ending in (".sav", ".zsav", ".dta") else "questionnaire"


def _reading(options: argparse.Namespace) -> dict[str, Any]:
    weights = None if options.weights == "none" else options.weights
    return {"format": _format(options), "surveyed": options.surveyed, "weights": weights}


def _models(options: argparse.Namespace) -> dict[str, Any]:
    return {**_reading(options), "by": options.by, "seed": options.seed}


def _report(options: argparse.Namespace) -> int:
    from .report import build

    shown = False if options.quiet else None
    page = build(options.answers, options.out, **_models(options), progress=shown)
    if not options.quiet:
        print(f"The report is {page}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from . import survey

    reading = _reading(options)
    if reading.pop("format") == "enterprise-survey":
        faults = survey.check_enterprise(options.answers, **reading)
    else:
        year = {} if options.surveyed is None else {"surveyed": options.surveyed}
        faults = survey.check(survey.read(options.answers), **year)
    if not len(faults):
        print("no faults")
        return 0
    print(faults.drop(columns="value").to_string(index=False, justify="left"))
    rows = faults["row"].nunique()
    print(f"{len(faults)} fault{'s' * (len(faults) > 1)} in {rows} row{'s' * (rows > 1)}")
    return FAULTS


def _tables(options: argparse.Namespace) -> int:
    from .report.report import gathered
    from .report.sources import source

    shown = False if options.quiet else None
    tables = gathered(source(options.answers, **_models(options)), shown).tables
    chosen = [table for name, table in tables.items() if options.question in ("all", name)]
    if not chosen:
        print(f"exportmodels: no model of {options.question} could be estimated from this file", file=sys.stderr)
        return ERROR
    print("\n".join(str(table.render(options.kind)) for table in chosen))
    return 0


def _codebook(options: argparse.Namespace) -> int:
    from .survey import Questionnaire

    print(Questionnaire(options.language))
    return 0
