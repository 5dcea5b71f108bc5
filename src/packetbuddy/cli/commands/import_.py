"""``pb import FILE [--apply]``, ``--list`` and ``--undo N``."""

from argparse import Namespace
from pathlib import Path

from packetbuddy.answers.zone import zone_for
from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.question import Asked, ask_here
from packetbuddy.cli.render.drawing import clean
from packetbuddy.cli.render.imports import import_list_lines, plan_body, plan_lines
from packetbuddy.cli.result import Result, said
from packetbuddy.errors import WrongUsageError
from packetbuddy.reports.bodies import import_body


def arguments(parser: Parser) -> None:
    """Take a file and how to read it; or an import to take back."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="a 1.x or vnStat database, vnStat's or our own JSON, our CSV"
    )
    parser.add_argument("--apply", action="store_true", help="do it; without this it is only shown")
    parser.add_argument("--interface", action="append", metavar="NAME", help="of vnStat's: this one; may be repeated")
    parser.add_argument("--zone", metavar="NAME", help="the time zone of the file's local times (default: yours)")
    parser.add_argument("--list", action="store_true", help="show what was imported")
    parser.add_argument("--undo", metavar="N", help="take the import with this number back")


def run(context: Context, options: Namespace) -> Result:
    """Show what a file would bring, bring it, list or take back."""
    _check_options(options)
    asked = _asked(context, options)
    if options.list:
        return _list(asked)
    if options.undo is not None:
        return _undo(asked, _number(options.undo))
    return _import(context, asked, options)


def _check_options(options: Namespace) -> None:
    what = [
        name for name, given in (("FILE", options.file), ("--list", options.list), ("--undo", options.undo)) if given
    ]
    if len(what) != 1:
        raise WrongUsageError("import takes a FILE, --list or --undo N", "`pb import --help` shows more")
    others = options.apply or options.interface or options.zone
    if what != ["FILE"] and others:
        raise WrongUsageError(f"{what[0]} takes nothing else")


def _asked(context: Context, options: Namespace) -> Asked:
    asked = ask_here(context)
    if options.zone is None:
        return asked
    zone = zone_for(options.zone, context.environment, context.now_ns)
    return asked._replace(question=asked.question._replace(zone=zone.rules, zone_name=zone.name))


def _import(context: Context, asked: Asked, options: Namespace) -> Result:
    from packetbuddy.cli.importing import Wish, apply, preview  # noqa: PLC0415 - `--help` needs no file

    wish = Wish(_file(context, options.file), tuple(options.interface or ()), options.zone is not None)
    plan = apply(asked.question, wish) if options.apply else preview(asked.question, wish)
    body = plan_body(plan, wish.file, asked.how, applied=options.apply)
    return Result(body, lambda paper: plan_lines(plan, asked.how, paper, applied=options.apply))


def _file(context: Context, name: str) -> Path:
    """As given; a name that is nowhere here is looked up in the home, whose backups it may be."""
    path, in_home = Path(name), home_of(context).root / name
    return in_home if not path.exists() and in_home.exists() else path


def _list(asked: Asked) -> Result:
    from packetbuddy.answers.imports import imports  # noqa: PLC0415 - same

    rows = imports(asked.question)
    data = {"imports": [import_body(row) for row in rows]}
    return Result(data, lambda paper: import_list_lines(rows, asked.how, paper))


def _undo(asked: Asked, number: int) -> Result:
    from packetbuddy.answers.imports import import_row  # noqa: PLC0415 - same
    from packetbuddy.storage.importing import importing  # noqa: PLC0415 - same

    question = asked.question
    with importing(question.home.ledger, question.home.lock) as importer:
        row = import_row(question, importer.undo(number, at_ns=question.now_ns))
    return said(
        f"Import {number} is taken back: nothing of {clean(row.file)} counts any more.",
        data={"import": import_body(row)},
    )


def _number(text: str) -> int:
    word = text.removeprefix("#")
    if not (word.isascii() and word.isdigit() and len(word) < 16):
        raise WrongUsageError(f"{text!r} is not the number of an import", "`pb import --list` shows them")
    return int(word)
