"""Samples and mentions in the documents, without running them: their language, their syntax, their options."""

import argparse
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import import_module

import pytest
import yaml  # only read here

from acceptance.samples import Sample, mentioned, samples
from packetbuddy.cli.main import COMMANDS
from packetbuddy.cli.parser import command_parser
from packetbuddy.errors import WrongUsageError
from packetbuddy.settings.load import parse
from packetbuddy.settings.table import SECTION

LANGUAGES = {"bat", "json", "promql", "sh", "text", "toml", "yaml"}
"""``text`` is a picture or what a program says."""
SAMPLES = list(samples())


def of(*languages: str) -> list[Sample]:
    return [sample for sample in SAMPLES if sample.language in languages]


def test_each_sample_says_what_it_is_in() -> None:
    """A block without a language is checked by nobody."""
    assert [f"{sample.place} {sample.language!r}" for sample in SAMPLES if sample.language not in LANGUAGES] == []


@pytest.mark.parametrize("sample", of("sh"), ids=lambda each: each.place)
def test_shell_samples_can_be_read_by_a_shell(sample: Sample) -> None:
    """Also those that cannot run here."""
    done = subprocess.run(["bash", "-n", "-c", sample.text], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("sample", of("json", "toml", "yaml"), ids=lambda each: each.place)
def test_data_samples_can_be_read(sample: Sample) -> None:
    """JSON, YAML and TOML are valid; TOML that begins with a section of ours holds settings that are allowed."""
    if sample.language == "json":
        json.loads(sample.text)
    elif sample.language == "yaml":
        yaml.safe_load(sample.text)
    elif set(tomllib.loads(sample.text)) & set(SECTION):
        parse(tomllib.loads(sample.text))


def spoken() -> Iterator[tuple[str, str]]:
    """Each ``pb …`` that a document shows: in samples for any shell, and in running text."""
    for sample in of("sh", "bat"):
        for line in sample.text.splitlines():
            for part in re.split(r"\|\|?|&&|;", line):
                words = part.partition(" #")[0].strip()
                if words == "pb" or words.startswith("pb "):
                    yield sample.place, words
    yield from mentioned()


ELLIPSIS = re.compile(r"\.\.\.|…|\[|\||COMMAND\b|SHELL\b|VALUE\b|\\")
"""What stands in a grammar rather than in a command."""


@pytest.mark.parametrize(("place", "line"), sorted(set(spoken())), ids=lambda value: value)
def test_what_documents_say_can_be_typed(place: str, line: str) -> None:
    """Each command is one, and takes the options that are shown with it."""
    words = shlex.split(re.split(r" (?:>>?|\|) ", line)[0], comments=True)[1:]
    if not words or ELLIPSIS.search(line):
        words = [word for word in words[:1] if word.isalpha() and word.islower()]
    if words and words[0] in {"--help", "--version"}:
        return
    name = words[0] if words and not words[0].startswith("-") else ""
    assert name in COMMANDS, f"{place}: there is no command {name!r}"
    if len(words) > 1:
        parser = command_parser(name, "")
        import_module(f"packetbuddy.cli.commands.{COMMANDS[name][0]}").arguments(parser)
        assert unknown(parser, words[1:]) is None, place


def unknown(parser: argparse.ArgumentParser, words: list[str]) -> str | None:
    """What the parser says against it; that something is missing is no fault of a mention."""
    try:
        parser.parse_intermixed_args(words)
    except WrongUsageError as error:
        return None if "required" in str(error) or "expected" in str(error) else f"{error} {error.hint}"
    except SystemExit:
        return None
    return None
