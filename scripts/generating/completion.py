"""The scripts that complete ``pb`` in bash, zsh, fish and PowerShell."""

from collections.abc import Iterable, Iterator, Mapping

from generating.filling import filled
from generating.grammar import ASKED, Argument, Command, Option, Values, settings_of

MOST_PLACES = 9
"""So many arguments of one command are completed where it takes any number."""


def scripts(commands: list[Command]) -> dict[str, str]:
    """File name → text."""
    return {"pb.bash": bash(commands), "_pb": zsh(commands), "pb.fish": fish(commands), "pb.ps1": powershell(commands)}


def bash(commands: list[Command]) -> str:
    """Tables as case statements."""
    options = {command.name: f"options=({' '.join(_names(command))})" for command in commands}
    kinds = {f"*:{option}": f"kind=({kind})" for option, kind in ASKED.items()}
    kinds |= {place: f"kind=({_spoken(values)})" for place, values in _places(commands) if values.kind != "free"}
    settings = {key: f"kind=({_spoken(values)})" for key, values in _settings() if values.kind != "free"}
    return filled(
        "pb.bash",
        options=_cases({name or "''": text for name, text in options.items()}, "    "),
        kinds=_cases({**kinds, **dict.fromkeys(_free(commands), "kind=(free)")}, "    "),
        settings=_cases(settings, "    "),
        **_words(commands),
    )


def zsh(commands: list[Command]) -> str:
    """``_arguments`` knows the rest."""
    settings = {key: _zsh_setting(values) for key, values in _settings() if values.kind != "free"}
    bare, *others = commands
    return filled(
        "_pb",
        settings=_cases(settings, "    "),
        bare=" \\\n".join(f"    {spec}" for spec in _zsh_options(bare)) + " \\",
        arguments="\n".join(_zsh_command(command) for command in others),
        plan=_words(commands)["plan"],
        config=_words(commands)["config"],
        commands="\n".join(f"    {_quoted(f'{command.name}:{command.summary}')}" for command in others),
    )


def fish(commands: list[Command]) -> str:
    """One ``complete`` for each command, option and argument."""
    settings = {key: _fish_setting(values) for key, values in _settings() if values.kind != "free"}
    valued = sorted(
        {name for command in commands for option in command.options if option.values for name in option.names}
    )
    lines = [line for command in commands for line in _fish_command(command)]
    return filled(
        "pb.fish",
        valued=" ".join(valued),
        settings="\n".join(f"        case {key}\n            {text}" for key, text in settings.items()),
        plan=_words(commands)["plan"],
        config=_words(commands)["config"],
        completions="\n".join(lines),
    )


def powershell(commands: list[Command]) -> str:
    """Tables as hashtables."""
    options = [
        f"        {_ps(command.name)} = [ordered]@{{\n{_ps_rows(_told(command), '            ')}\n        }}"
        for command in commands
    ]
    places = dict(_places(commands, many="*"))
    kinds = {place: f"@({_ps_list(values)})" for place, values in places.items()}
    keys = [
        f"        {name} = [ordered]@{{\n{_ps_table(settings_of(name), '            ')}\n        }}"
        for name in ("config", "plan")
    ]
    return filled(
        "pb.ps1",
        commands=_ps_rows({command.name: command.summary for command in commands[1:]}, "        "),
        options="\n".join(options),
        kinds="\n".join(f"        {_ps(place)} = {text}" for place, text in kinds.items()),
        settings="\n".join(keys),
    )


def _words(commands: list[Command]) -> dict[str, str]:
    names = [command.name for command in commands if command.name]
    return {
        "commands": " ".join([*names, "--help", "--version"]),
        "config": " ".join(settings_of("config")),
        "plan": " ".join(settings_of("plan")),
    }


def _names(command: Command) -> list[str]:
    """Each option by its long name."""
    return [option.names[-1] for option in command.options]


def _told(command: Command) -> dict[str, str]:
    return {name: option.help for option in command.options for name in option.names}


def _settings() -> Iterator[tuple[str, Values]]:
    for command in ("config", "plan"):
        for key, values in settings_of(command).items():
            yield f"{command}:{key}", values


def _places(commands: Iterable[Command], many: str = "") -> Iterator[tuple[str, Values]]:
    """``COMMAND:OPTION`` and ``COMMAND:NUMBER`` with what may stand there."""
    for command in commands:
        for option in command.options:
            if option.values is not None and (many or option.names[-1] not in ASKED):
                for name in option.names:
                    yield f"{command.name}:{name}", option.values
        for number, argument in enumerate(command.arguments, start=1):
            ending = (many or f"[{number}-{MOST_PLACES}]") if argument.many else str(number)
            yield f"{command.name}:{ending}", argument.values


def _free(commands: Iterable[Command]) -> list[str]:
    """Options whose values only a person knows: no switches, although nothing completes them."""
    return [place for place, values in _places(commands) if values.kind == "free" and ":-" in place]


def _spoken(values: Values) -> str:
    return " ".join([values.kind, *values.words])


def _cases(rows: Mapping[str, str], indent: str) -> str:
    """Patterns with the same answer share a line of a ``case`` statement."""
    grouped: dict[str, list[str]] = {}
    for pattern, text in rows.items():
        grouped.setdefault(text, []).append(pattern)
    return "\n".join(f"{indent}{' | '.join(patterns)}) {text} ;;" for text, patterns in grouped.items())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _zsh_command(command: Command) -> str:
    specs = [*_zsh_options(command), *(_zsh_argument(number, each) for number, each in enumerate(command.arguments, 1))]
    return (
        f"    {command.name})\n      _arguments \\\n" + " \\\n".join(f"        {spec}" for spec in specs) + "\n      ;;"
    )


def _zsh_options(command: Command) -> list[str]:
    return [_zsh_option(option, command) for option in command.options]


def _zsh_option(option: Option, command: Command) -> str:
    told = option.help.replace("[", "(").replace("]", ")").replace(":", "\\:")
    others = [group for group in command.excluding if option.names[0] in group]
    excluded = "*" if option.many else f"({' '.join(sorted({*option.names, *sum(others, ())}))})"
    value = f":{option.metavar}:{_zsh_action(option.values)}" if option.values else ""
    spelt = [f"{name}=" if option.values and name.startswith("--") else name for name in option.names]
    names = f"{{{','.join(spelt)}}}" if len(spelt) > 1 else ""
    rest = f"[{told}]{value}"
    return f"{_quoted(excluded)}{names}{_quoted(rest)}" if names else _quoted(f"{excluded}{spelt[0]}{rest}")


def _zsh_argument(number: int, argument: Argument) -> str:
    place = "*" if argument.many else str(number)
    return _quoted(f"{place}:{argument.metavar}:{_zsh_action(argument.values)}")


def _zsh_action(values: Values | None) -> str:
    kind, words = values or Values("free")
    actions = {"words": f"({' '.join(words)})", "files": "_files", "settings": " _pb_settings", "free": " "}
    return actions.get(kind, f" _pb_ask {kind}")


def _zsh_setting(values: Values) -> str:
    return f"compadd -- {' '.join(values.words)}" if values.kind == "words" else f"_pb_ask {values.kind}"


def _fish_command(command: Command) -> Iterator[str]:
    where = f"'__pb_at {command.name}'" if command.name else "__pb_bare"
    if command.name:
        yield f"complete -c pb -n __pb_bare -a {command.name} -d {_fish(command.summary)}"
    for option in command.options:
        names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
        yield " ".join(
            filter(None, [f"complete -c pb -n {where}", names, _fish_value(option.values), f"-d {_fish(option.help)}"])
        )
    for number, argument in enumerate(command.arguments, start=1):
        place = "" if argument.many else f" {number}"
        if argument.values.kind != "free":
            yield f"complete -c pb -n '__pb_at {command.name}{place}' {_fish_argument(argument.values)}"


def _fish_value(values: Values | None) -> str:
    if values is None:
        return ""
    if values.kind == "files":
        return "-r -F"
    return "-x" if values.kind == "free" else f"-x -a {_fish_words(values)}"


def _fish_argument(values: Values) -> str:
    return "-F" if values.kind == "files" else f"-a {_fish_words(values)}"


def _fish_words(values: Values) -> str:
    if values.kind == "words":
        return _fish(" ".join(values.words))
    return "'(__pb_settings)'" if values.kind == "settings" else f"'(__pb_ask {values.kind})'"


def _fish_setting(values: Values) -> str:
    if values.kind == "words":
        return f"printf '%s\\n' {' '.join(values.words)}"
    return f"__pb_ask {values.kind}"


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _ps(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _ps_list(values: Values) -> str:
    return ", ".join(_ps(word) for word in (values.kind, *values.words))


def _ps_rows(rows: Mapping[str, str], indent: str) -> str:
    return "\n".join(f"{indent}{_ps(name)} = {_ps(text)}" for name, text in rows.items())


def _ps_table(rows: Mapping[str, Values], indent: str) -> str:
    return "\n".join(f"{indent}{_ps(name)} = @({_ps_list(values)})" for name, values in rows.items())
