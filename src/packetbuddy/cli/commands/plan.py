"""``pb plan [--check] [--test-alert]`` and ``pb plan set KEY VALUE …``."""

import contextlib
from argparse import Namespace

from packetbuddy.cli.context import Context, home_of, settings_of
from packetbuddy.cli.parser import Parser, add_data_options, near
from packetbuddy.cli.question import Asked, ask
from packetbuddy.cli.render.plans import check_lines, plans_lines
from packetbuddy.cli.result import DONE, FAILED, LIMIT_EXCEEDED, Result, said
from packetbuddy.errors import LedgerError, SettingsError, WrongUsageError
from packetbuddy.reports.planbodies import plans_body
from packetbuddy.reports.plans import Plans
from packetbuddy.reports.planwords import sentences, unknown_notes
from packetbuddy.settings.plans import PLAN_KEYS
from packetbuddy.settings.showing import json_value, toml_value

NOT_NOW = "what was used before counting began (already_used) adds nothing: the running cycle began after that"
KEYS = tuple(key.name for key in PLAN_KEYS)


def arguments(parser: Parser) -> None:
    """Take what to do, and which plan."""
    parser.add_argument("verb", nargs="?", choices=("set",), metavar="set", help="change the plan, or make one")
    parser.add_argument("words", nargs="*", metavar="KEY VALUE", help='such as cap "100 GB" starts 15')
    parser.add_argument("--plan", metavar="NAME", help="only this plan, where there are several")
    parser.add_argument("--check", action="store_true", help="exit code 4 when a plan is used up")
    parser.add_argument("--test-alert", action="store_true", help="send a test message to every channel")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Show, check, set, or test."""
    if options.verb == "set":
        if options.check or options.test_alert:
            raise WrongUsageError("plan: set goes with neither --check nor --test-alert", "do one after the other")
        return _set(context, options.plan, _pairs(options.words))
    if options.check and options.test_alert:
        raise WrongUsageError("plan: --check and --test-alert are two questions", "ask one after the other")
    if options.test_alert:
        return _test(context)
    asked = ask(context, options)
    return _check(asked, options.plan) if options.check else _show(asked, options.plan)


def _show(asked: Asked, name: str | None) -> Result:
    from packetbuddy.answers.plans import plans  # noqa: PLC0415 - `--help` needs no ledger

    answer = _only(plans(asked.question), name)
    return Result(plans_body(answer, asked.how), lambda paper: plans_lines(answer, asked.how, paper))


def _check(asked: Asked, name: str | None) -> Result:
    """Exit code 4 when nothing is left of a plan that is in force, 1 when nobody can tell."""
    from packetbuddy.answers.plans import gauges  # noqa: PLC0415 - same

    if not asked.question.settings.plans:
        raise SettingsError("there is no plan to check", 'set one: pb plan set cap "100 GB"')
    answer = _only(gauges(asked.question), name)
    states = {row.state for row in answer.rows}
    code = LIMIT_EXCEEDED if "over" in states else FAILED if "unknown" in states else DONE
    return Result(plans_body(answer, asked.how), lambda paper: check_lines(answer, asked.how, paper), code)


def _only(answer: Plans, name: str | None) -> Plans:
    rows = tuple(row for row in answer.rows if name in {None, row.gauge.name})
    if name is not None and not rows:
        raise WrongUsageError(f"plan: there is no plan {name!r}", near(name, [row.gauge.name for row in answer.rows]))
    return answer._replace(rows=rows)


def _pairs(words: list[str]) -> dict[str, str]:
    """``cap 100 GB starts 15`` → cap: 100 GB, starts: 15. A value goes on to the next key's name."""
    found: dict[str, list[str]] = {}
    key = ""
    for word in words:
        if word in KEYS and (not key or found[key]):
            key = word
            found[key] = []
        elif not key:
            raise WrongUsageError(f"plan set: there is no key {word!r}", near(word, KEYS))
        else:
            found[key].append(word)
    empty = [name for name, values in found.items() if not values]
    if empty or not found:
        raise WrongUsageError(f"plan set: {empty[0] if empty else 'a key'} has no value", 'pb plan set cap "100 GB"')
    return {name: " ".join(values) for name, values in found.items()}


def _set(context: Context, name: str | None, values: dict[str, str]) -> Result:
    from packetbuddy.settings.places import ensure  # noqa: PLC0415 - only `set` writes
    from packetbuddy.settings.planedit import set_plan  # noqa: PLC0415 - only `set` pays for tomlkit

    home = home_of(context)
    ensure(home)
    done = set_plan(home.config, name, values)
    lines = [f"{key} = {toml_value(value)}" for key, value in done.values.items()]
    notes = _notes(context, done.name)
    data = {"plan": done.name, "values": json_value(done.values), "path": str(home.config), "notes": notes}
    return said(f"Plan {done.name}:", *(f"  {line}" for line in lines), *(f"Note: {note}" for note in notes), data=data)


def _notes(context: Context, name: str) -> list[str]:
    """What the plan now says and cannot mean; nothing before anything is counted, or where that cannot be read."""
    from packetbuddy.answers.plans import gauges  # noqa: PLC0415 - same

    asked = ask(context, Namespace(device="this", interface=None))
    with contextlib.suppress(LedgerError):
        for plan, row in zip(asked.question.settings.plans, gauges(asked.question).rows, strict=True):
            if plan.name == name:
                idle = plan.already_used and row.gauge.begun and not row.gauge.already_used
                return [sentences([note]) for note in (*unknown_notes(row.gauge), *([NOT_NOW] if idle else []))]
    return []


def _test(context: Context) -> Result:
    """Tell every channel something, now, and say what became of it."""
    from packetbuddy.alerts.trial import try_channels  # noqa: PLC0415 - only for a test

    outcomes = try_channels(settings_of(context).alerts, context.environment)
    if not outcomes:
        raise SettingsError("there is no channel to tell anything", "[alerts] notify and command are empty")
    failed = any(outcome.problem for outcome in outcomes)
    lines = [f"{outcome.channel}: {outcome.problem or 'sent'}" for outcome in outcomes]
    data = {"channels": [outcome._asdict() for outcome in outcomes]}
    return said(*lines, data=data, code=FAILED if failed else DONE)
