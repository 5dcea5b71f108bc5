"""`pb plan set` as a pure change of the file's text."""

import tomllib
from pathlib import Path

import pytest

from packetbuddy.errors import SettingsError
from packetbuddy.settings.load import parse
from packetbuddy.settings.planedit import change_plan, set_plan
from packetbuddy.settings.sample import default_text

ONE = '# mine\n[[plan]]\nname = "Home"  # the fibre\ncap = "100 GB"\n\n[display]\nunits = "binary"\n'
MOBILE = '\n[[plan]]  # on the road\nname = "Mobile"\ncap = "10 GB"\ninterfaces = "wwan0"\n'
TWO = ONE.replace("\n[display]", f"{MOBILE}\n[display]")
APART = ONE + MOBILE


def changed(text: str, name: str | None, **values: str) -> str:
    return change_plan(text, name, values)[0]


def test_a_first_plan_goes_into_a_new_file() -> None:
    """The commented sample keeps all its lines, and gets a plan that parses to what was asked."""
    text, done = change_plan(default_text(), None, {"cap": "100 GB", "starts": "15"})
    assert text.startswith(f"{default_text()}\n[[plan]]\n")
    (plan,) = parse(tomllib.loads(text)).plans
    assert (plan.name, plan.cap, plan.cycle.starts) == ("plan", 100 * 10**9, 15)
    assert done == ("plan", {"cap": "100 GB", "starts": 15})


def test_the_only_plan_is_meant_and_comments_stay() -> None:
    """One key changes, everything else is as it was, to the byte."""
    assert changed(ONE, None, cap="200 GB") == ONE.replace("100 GB", "200 GB")
    single = '[plan]\ncap = "1 GB" # small\n'
    assert changed(single, "plan", cap="2 GB") == single.replace("1 GB", "2 GB")


def test_of_several_plans_one_is_named() -> None:
    """The named one changes; without a name nobody guesses."""
    assert changed(TWO, "Mobile", cap="20 GB") == TWO.replace('"10 GB"', '"20 GB"')
    apart = changed(APART, "Mobile", cap="20 GB")  # tables of one kind may come together, but no line is lost
    assert sorted(apart.split()) == sorted(APART.replace('"10 GB"', '"20 GB"').split())
    with pytest.raises(SettingsError, match="there are 2 plans") as refused:
        changed(TWO, None, cap="20 GB")
    assert refused.value.hint == "say which: --plan Home or --plan Mobile"


def test_a_new_name_is_a_new_plan() -> None:
    """It goes after the others and leaves them alone."""
    text = changed(ONE, "Mobile", cap="10 GB", interfaces='["wwan0"]')
    assert text.startswith('# mine\n[[plan]]\nname = "Home"  # the fibre\n')
    assert '\n\n[[plan]]\nname = "Mobile"\n' in text
    home, mobile = parse(tomllib.loads(text)).plans
    assert (home.name, home.cap, mobile.name, mobile.interfaces) == ("Home", 100 * 10**9, "Mobile", ("wwan0",))


def test_what_belongs_together_is_set_together() -> None:
    """A cycle of days and its date, which are both wrong alone."""
    text = changed(ONE, None, cycle="28 days", starts="2026-11-01")
    (plan,) = parse(tomllib.loads(text)).plans
    assert (plan.cycle.days, str(plan.cycle.starts)) == (28, "2026-11-01")
    with pytest.raises(SettingsError, match=r"plan\.starts is 1; allowed: for a cycle of days the date"):
        changed(ONE, None, cycle="28 days")


def test_a_plan_can_be_renamed() -> None:
    """Its name is a key like any other."""
    text, done = change_plan(ONE, "Home", {"name": "Fibre"})
    assert text == ONE.replace("Home", "Fibre")
    assert done.name == "Fibre"


@pytest.mark.parametrize(
    ("text", "name", "values", "words"),
    [
        (ONE, None, {"cap": "lots"}, 'plan.cap is "lots"; allowed: a size in quotes'),
        (ONE, None, {"cup": "1 GB"}, "unknown key plan.cup; nearest: plan.cap"),
        ('[plan]\ncap = "1 GB"\n', "Other", {"cap": "1 GB"}, "needs \\[\\[plan\\]\\] in place of \\[plan\\]"),
        ("plan = 5\n", None, {"cap": "1 GB"}, "plan is 5; allowed: a table"),
        ('[display]\nunits = "odd"\n', None, {"cap": "1 GB"}, 'display.units is "odd"'),
        ("[[plan]\n", None, {"cap": "1 GB"}, "no valid TOML"),
        (TWO, "Mobile", {"name": "Home"}, "more than once"),
    ],
)
def test_nothing_wrong_is_written(text: str, name: str | None, values: dict[str, str], words: str) -> None:
    """Unknown keys, values that are not allowed, files with other mistakes: refused in words."""
    with pytest.raises(SettingsError, match=words):
        change_plan(text, name, values)


def test_plans_on_one_line_are_edited_or_refused() -> None:
    """``plan = [{…}]`` is valid TOML; whatever comes out says exactly what was asked."""
    text = 'plan = [{ name = "Home", cap = "1 GB" }]\n'
    assert parse(tomllib.loads(changed(text, None, cap="2 GB"))).plans[0].cap == 2 * 10**9


def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    """Set in a file, mode 0600; a refusal names the file and leaves it as it was."""
    path = tmp_path / "config.toml"
    assert set_plan(path, None, {"cap": "5 GB"}).values == {"cap": "5 GB"}
    before = path.read_text("utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SettingsError, match=r"config\.toml: plan\.cap is .*; nothing was written"):
        set_plan(path, None, {"cap": "5"})
    assert path.read_text("utf-8") == before
