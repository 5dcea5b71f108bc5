"""``pb plan``, ``pb reconcile`` and the mention of plans: text, JSON, exit codes, refusals; over real ledgers."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.api_serving import HOUR, NOON, Moved, write_ledger
from packetbuddy.cli.main import main

GB = 10**9
DAY = 24 * HOUR
BAD = {
    'cap = "100"': 'plan.cap is "100"; allowed: a size in quotes such as "100 GB"',
    'cap = "-5 GB"': 'plan.cap is "-5 GB"; allowed: a size in quotes such as "100 GB"',
    'cap = "GB"': 'plan.cap is "GB"; allowed: a size in quotes such as "100 GB"',
    "starts = 32": 'plan.starts is 32; allowed: for cycle "monthly" a day of the month from 1 to 31',
    'cycle = "0 days"': 'plan.cycle is "0 days"; allowed: "monthly", "weekly", "daily", "prepaid" or a number of days',
    'tiers = [{up_to = "60 GB", rate = 1}, {up_to = "50 GB", rate = 2}]': (
        'plan.tiers[2].up_to is "50 GB"; allowed: more than the "60 GB" of the tier before'
    ),
    'tiers = [{up_to = "50 GB", rate = 1}, {up_to = "50 GB", rate = 2}]': 'plan.tiers[2].up_to is "50 GB"; allowed:',
    'tiers = [{rate = "free"}]': 'plan.tiers[1].rate is "free"; allowed: a price per unit from 0 to',
    'overage_rate = "free"': 'plan.overage_rate is "free"; allowed: a price per unit from 0 to',
    'off_peak = ["25:00-07:00"]': 'plan.off_peak is ["25:00-07:00"]; allowed: a list of windows such as ["01:00',
}
BAD_COST = {
    'currency = "XYZ"': 'cost.currency is "XYZ"; allowed: an ISO 4217 code such as INR, EUR or USD',
    'rate_per_gb = "free"': 'cost.rate_per_gb is "free"; allowed: a price from 0 to',
}


class Person:
    """Somebody at a terminal, at noon of 23 November 2026 in Kolkata."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._capsys, self.columns = root, capsys, "80"
        root.mkdir(exist_ok=True)

    def configure(self, text: str) -> None:
        """Write the settings."""
        (self.root / "config.toml").write_text(text, "utf-8")
        (self.root / "config.toml").chmod(0o600)

    def pb(self, *words: str, code: int = 0) -> str:
        """Run a command that ends with this code; returns what it printed, or what it complained."""
        environment = {"PACKETBUDDY_HOME": str(self.root), "TZ": "Asia/Kolkata", "COLUMNS": self.columns}
        assert main(words, environment, NOON) == code
        out, err = self._capsys.readouterr()
        assert err.count("\n") == (code in {1, 2} and not out)
        return out if out or code not in {1, 2} else err

    def json(self, *words: str, code: int = 0) -> Any:
        """The data of its JSON."""
        return json.loads(self.pb(*words, "--json", code=code))["data"]


@pytest.fixture
def person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Person:
    """With three weeks of two gigabytes a day since 1 November."""
    moves = [Moved(NOON - day * DAY, GB // 2, 3 * GB // 2) for day in range(22, -1, -1)]
    write_ledger(tmp_path / "home", moves)
    return Person(tmp_path / "home", capsys)


@pytest.mark.parametrize("line", BAD)
@pytest.mark.parametrize("words", [("plan",), ("plan", "--check"), ("today",), ("config", "check")])
def test_a_bad_plan_is_one_clear_line(person: Person, line: str, words: tuple[str, ...]) -> None:
    """File, key, what was given and what is allowed; exit code 1, whatever was asked."""
    person.configure(f"[[plan]]\n{line}\n")
    said = person.pb(*words, code=1)
    assert BAD[line] in said
    assert str(person.root / "config.toml") in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("line", BAD_COST)
def test_a_bad_price_is_one_clear_line(person: Person, line: str) -> None:
    """The same for what bytes cost."""
    person.configure(f"[cost]\n{line}\n[[plan]]\ncap = '1 GB'\n")
    assert BAD_COST[line] in person.pb("plan", code=1)


@pytest.mark.parametrize("line", BAD)
def test_a_bad_plan_is_not_written(person: Person, line: str) -> None:
    """``pb plan set`` refuses the same in the same words, and leaves no file behind."""
    key, _, value = line.partition(" = ")
    said = person.pb("plan", "set", key, value.strip('"'), code=1)
    assert BAD[line].partition(" is ")[0] in said
    assert "nothing was written" in said
    assert not (person.root / "config.toml").exists()


def test_without_a_plan(person: Person) -> None:
    """``pb plan`` invites, its JSON has no plans, there is nothing to check, and cycles are refused."""
    assert 'pb plan set cap "100 GB" starts 1' in person.pb("plan")
    assert person.json("plan")["plans"] == []
    assert "there is no plan to check" in person.pb("plan", "--check", code=1)
    assert "there is no plan" in person.pb("usage", "--by", "cycle", code=2)
    assert "there is no plan" in person.pb("month", "--cycle", code=2)
    assert "Plan" not in person.pb()
    assert person.json()["plans"] == []


def test_a_plan_from_nothing(person: Person) -> None:
    """Set by a command, shown by the next one, in the file with its comments; then changed."""
    said = person.pb("plan", "set", "cap", "60", "GB", "name", "Home", "alerts", "[50, 90]")
    assert said.splitlines() == ["Plan Home:", '  cap = "60 GB"', '  name = "Home"', "  alerts = [50, 90]"]
    shown = person.pb("plan")
    assert shown.splitlines()[0].startswith("Home · ")
    assert "46.0 GB of 60.0 GB" in shown
    assert "Sun 1 Nov 2026 to Mon 30 Nov 2026 · 8 days left" in shown
    data = person.json("plan", "set", "starts", "15")
    assert data == {"plan": "Home", "values": {"starts": 15}, "path": str(person.root / "config.toml"), "notes": []}
    assert "18.0 GB of 60.0 GB" in person.pb("plan")
    text = (person.root / "config.toml").read_text("utf-8")
    assert "# A data plan; there may be several." in text
    assert '\n\n[[plan]]\ncap = "60 GB"\n' in text


@pytest.mark.parametrize("cap", ["-5GB", "-5 GB", "-5", "-.5GB"])
def test_a_cap_below_nothing_is_told_by_its_key(person: Person, cap: str) -> None:
    """A value that begins with a minus is a value: the key, what was given and what is allowed, not an option."""
    said = person.pb("plan", "set", "cap", cap, code=1)
    assert f"plan.cap is {cap if cap == '-5' else json.dumps(cap)}; allowed: a size in quotes such as" in said
    assert "does not know '--capp'" in person.pb("plan", "set", "--capp", "5 GB", code=2)


def test_a_plan_on_an_interface_that_does_not_exist(person: Person) -> None:
    """``plan set``, ``plan``, ``--check``, ``config check`` and bare ``pb`` say so with the nearest name."""
    words = "No interface eth9 is known: did you mean eth0?"
    assert f"Note: {words}" in person.pb("plan", "set", "cap", "5 GB", "interfaces", "eth9")
    shown = person.pb("plan").splitlines()
    assert shown[0] == "plan · not known"
    assert shown[-1] == words
    assert not any("%" in line for line in shown)
    data = person.json("plan")["plans"][0]
    assert data["unknown_interfaces"] == [{"name": "eth9", "nearest": "eth0"}]
    assert (data["state"], data["percent"], data["left_bytes"]) == ("unknown", None, None)
    assert person.pb("plan", "--check", code=1) == f"plan: {words}\n"
    assert f"Note: plan plan: n{words[1:]}" in person.pb("config", "check")
    assert words in person.pb()
    assert words in person.pb("today")
    person.pb("plan", "set", "interfaces", "eth0")
    assert "Note" not in person.pb("config", "check")


def test_a_new_bucket_has_none_of_what_was_used_before(person: Person) -> None:
    """``plan set`` says when ``already_used`` adds nothing, ``pb plan`` says when it does."""
    said = person.pb("plan", "set", "cycle", "prepaid", "starts", "2026-10-20", "cap", "90 GB", "already_used", "9 GB")
    assert "Note" not in said
    assert "Before     9.00 GB of it, as already_used says" in person.pb("plan")
    assert person.json("plan")["plans"][0]["already_used_bytes"] == 9 * GB
    data = person.json("plan", "set", "starts", "2026-11-20")
    assert data["notes"] == [
        "What was used before counting began (already_used) adds nothing: the running cycle began after that."
    ]
    assert person.json("plan")["plans"][0]["used_bytes"] == 8 * GB
    assert "already_used" not in person.pb("plan")


def test_counting_began_in_mid_cycle(person: Person) -> None:
    """The hint, how much was observed, and no "on pace" that nobody can know; gone when the user says what it was."""
    person.configure('[[plan]]\ncap = "110 GB"\ncycle = "60 days"\nstarts = 2026-10-02\n')
    text = person.pb("plan")
    assert text.splitlines()[0] == "plan · too early to say"
    flat = " ".join(text.split())
    assert "Counting began on Sun 1 Nov: `pb plan set already_used SIZE` adds what was used until then." in flat
    assert "Observed   42 % of the time" in text
    data = person.json("plan")["plans"][0]
    assert (data["counted_since"], data["coverage"]) == ("2026-11-01", pytest.approx(0.425, abs=0.01))
    person.pb("plan", "set", "already_used", "1 GB")
    assert person.pb("plan").splitlines()[0] == "plan · on pace"
    assert person.json("plan")["plans"][0]["counted_since"] is None


def test_a_share_that_is_beyond_all_measure(person: Person) -> None:
    """A cap of a byte is used up by so many per cent, in digits."""
    person.configure('[[plan]]\ncap = "1 B"\n')
    assert "4,600,000,000,000 %" in person.pb("plan", "--check", code=4)
    assert "e+" not in person.pb("plan")


def test_years_of_cycles(person: Person) -> None:
    """A long cycle ends in another year, a single day is one, and what was before a bucket has its years."""
    person.configure('[[plan]]\ncap = "900 GB"\ncycle = "3660 days"\nstarts = 2026-01-01\n')
    assert "Thu 1 Jan 2026 to Tue 8 Jan 2036" in person.pb("plan")
    assert "by Tue 8 Jan 2036" in " ".join(person.pb("plan").split())
    person.configure('[[plan]]\ncycle = "90 days"\nstarts = 2026-11-01\n')
    table = person.pb("usage", "--by", "cycle", "--from", "2026-11-01", "--to", "2027-01-29")
    assert "2026-11-01 to 2027-01-29" in table
    person.configure('[[plan]]\ncap = "9 GB"\ncycle = "daily"\n')
    assert person.pb("plan").splitlines()[1] == "Mon 23 Nov 2026"
    assert person.pb("month", "--cycle").splitlines()[0] == "Mon 23 Nov 2026"
    assert " to " not in person.pb("usage", "--by", "cycle", "--from", "2026-11-20").splitlines()[1]
    person.configure('[[plan]]\ncap = "90 GB"\ncycle = "prepaid"\nstarts = 2026-11-20\n')
    before, bucket = person.pb("usage", "--by", "cycle", "--from", "2025-06-01").splitlines()[1:3]
    assert before.startswith("2025-06-01 to 2026-11-19")
    assert bucket.startswith("2026-11-20")


def test_what_a_plan_says(person: Person) -> None:
    """Bar with the upright of time, figures, forecast with its range, cost, and the sentence of the JSON."""
    person.configure('[[plan]]\nname = "Home"\ncap = "50 GB"\nrollover = true\n')
    lines = person.pb("plan").splitlines()
    told = person.json("plan")["plans"][0]
    assert lines[0] == "Home · too fast"
    assert lines[2].endswith(" 92 %")
    assert lines[2].count("|") == 1
    assert " ".join(lines[-2:]) == told["meaning"]
    text = "\n".join(lines)
    for words in (
        "Used       46.0 GB of 50.0 GB",
        "Left       4.00 GB",
        "Forecast   ",
        "in 8 of 10 cases",
        "Cost       ₹345.00",
    ):
        assert words in text
    assert told["state"] == "fast"
    assert told["used_up_on"] > "2026-11-23"


@pytest.mark.parametrize(
    ("config", "code", "words"),
    [
        ('cap = "50 GB"', 0, "plan: 46.0 GB of 50.0 GB used, 92 %"),
        ('cap = "46 GB"', 4, "plan: 46.0 GB of 46.0 GB used, 100 %; nothing is left"),
        ('cap = "40 GB"', 4, "plan: 46.0 GB of 40.0 GB used, 115 %; nothing is left"),
        ("", 0, "plan: no cap"),
        ('cap = "1 MB"\ncycle = "prepaid"\nstarts = 2027-01-01', 0, "plan: not begun"),
    ],
)
def test_check_is_for_scripts(person: Person, config: str, code: int, words: str) -> None:
    """Exit code 4 when nothing is left, 0 otherwise; one line a plan; the JSON holds the same."""
    person.configure(f"[[plan]]\n{config}\n")
    assert person.pb("plan", "--check", code=code).splitlines() == [words]
    assert person.json("plan", "--check", code=code)["plans"][0]["name"] == "plan"


def test_of_several_plans_one_is_asked_for(person: Person) -> None:
    """``--plan NAME`` shows, checks and sets only that one; an unknown name gets the nearest."""
    person.configure(
        '[[plan]]\nname = "Home"\ncap = "40 GB"\n[[plan]]\nname = "Mobile"\ncap = "1 GB"\ninterfaces = "ww*"\n'
    )
    assert [row["name"] for row in person.json("plan")["plans"]] == ["Home", "Mobile"]
    assert [row["name"] for row in person.json("plan", "--plan", "Mobile")["plans"]] == ["Mobile"]
    assert person.pb("plan").count("\n\n") == 1
    person.pb("plan", "--check", code=4)
    person.pb("plan", "--check", "--plan", "Mobile", code=1)
    assert "Did you mean 'Mobile'?" in person.pb("plan", "--plan", "Mobil", code=2)
    assert "there are 2 plans" in person.pb("plan", "set", "cap", "2 GB", code=1)
    person.pb("plan", "set", "cap", "2 GB", "--plan", "Mobile")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set",), "a key has no value"),
        (("set", "cap"), "cap has no value"),
        (("set", "cpa", "5 GB"), "there is no key 'cpa'"),
        (("set", "cap", "5 GB", "--check"), "set goes with neither --check nor --test-alert"),
        (("--check", "--test-alert"), "two questions"),
        (("sett",), "cannot be 'sett'"),
    ],
)
def test_wrong_usage(person: Person, words: tuple[str, ...], said: str) -> None:
    """Exit code 2 and one line that says what would be right."""
    assert said in person.pb("plan", *words, code=2)


def test_cycles_of_usage_and_month(person: Person) -> None:
    """Groups by cycle, and the days of one, with their sums."""
    person.configure('[[plan]]\ncap = "50 GB"\nstarts = 10\n')
    found = person.json("usage", "--by", "cycle")
    assert [group["total_bytes"] for group in found["groups"]] == [18 * GB, 28 * GB]
    assert "2026-11-10 to 12-09" in person.pb("usage", "--by", "cycle", "--from", "2026-11-10", "--to", "2026-12-09")
    month = person.json("month", "--cycle")
    assert (month["from"], month["to"], month["summary"]["total_bytes"]) == ("2026-11-10", "2026-12-09", 28 * GB)
    before = person.json("month", "2026-10", "--cycle")
    assert (before["from"], before["to"]) == ("2026-10-10", "2026-11-09")
    assert "Tue 10 Nov 2026 to Wed 9 Dec 2026" in person.pb("month", "--cycle")


def test_the_mention_of_a_plan(person: Person) -> None:
    """Bare ``pb`` and ``pb today`` say in a line how it stands; today's JSON stays what it is."""
    person.configure('[[plan]]\nname = "Home"\ncap = "50 GB"\n')
    words = "46.0 GB of 50.0 GB · 8 days left · stay under 750 MB a day"
    assert f"Home        {words}" in person.pb()
    assert f"Home: {words}" in person.pb("today")
    assert "plans" not in person.json("today")
    assert person.json()["plans"][0]["percent"] == 92.0
    person.configure('[[plan]]\nname = "Card"\ncap = "1 GB"\ncycle = "prepaid"\nstarts = 2027-01-01\n')
    assert "Card: begins on Fri 1 Jan" in person.pb("today")
    person.configure('[[plan]]\nname = "Home"\ncap = "1 GB"\n')
    assert "nothing is left" in person.pb("today")


def test_nobody_to_tell(person: Person) -> None:
    """Without a channel a test of alerts fails and says which keys are empty."""
    person.configure("[alerts]\nnotify = []\n")
    assert "[alerts] notify and command are empty" in person.pb("plan", "--test-alert", code=1)


def test_beside_the_isp(person: Person) -> None:
    """Both figures, the ratio, the reasons with what each explains; every reading is in the list, in order."""
    assert "Nothing was compared yet" in person.pb("reconcile", "--list")
    binary = person.json("reconcile", "--isp", "42.84 GB", "--from", "2026-11-01")
    assert binary["reasons"][0]["kind"] == "unit"
    assert (binary["total_bytes"], binary["isp_bytes"], binary["to"]) == (46 * GB, 42_840_000_000, "2026-11-23")
    text = person.pb("reconcile", "--isp", "50 GB", "--from", "2026-11-01", "--to", "2026-11-22")
    assert "Ours        44.0 GB (33.0 GB down, 11.0 GB up)" in text
    assert "the ISP has 6.00 GB more · ours is 88.0 % of theirs" in text
    assert "a device on the same line that is not tracked: any amount" in text
    assert "The two agree" in person.pb("reconcile", "--isp", "46.1 GB", "--from", "2026-11-01")
    assert "the ISP says nothing was used" in person.pb("reconcile", "--isp", "0 GB", "--from", "2026-11-01")
    table = person.pb("reconcile", "--list").splitlines()
    assert table[0].split() == ["No.", "From", "To", "ISP", "Ours", "Ours/ISP", "Observed", "Made", "on"]
    assert len(table) == 5
    listed = person.json("reconcile", "--list")["reconciliations"]
    assert [row["isp"] for row in listed] == ["50 GB", "42.84 GB", "46.1 GB", "0 GB"]
    assert listed[1]["ratio"] == pytest.approx(46 / 42.84, abs=1e-6)


@pytest.mark.parametrize(("units", "isp"), [("windows", "46 GB"), ("decimal", "42.84 GB"), ("binary", "46 GiB")])
def test_the_unit_of_the_other_kind(person: Person, units: str, isp: str) -> None:
    """Whatever GB means here, the ISP may mean the other one: 46 GB are 42.84 of those that are powers of 1024."""
    person.configure(f'[display]\nunits = "{units}"\n')
    found = person.json("reconcile", "--isp", isp, "--from", "2026-11-01")
    assert found["reasons"][0]["kind"] == "unit"


def test_the_series_says_whose_figures_they_are(person: Person) -> None:
    """Readings of another device or of one link stand apart; where there are none, nothing is said."""
    bill = ("reconcile", "--isp", "50 GB", "--from", "2026-11-01")
    assert "Ours is of" not in person.pb(*bill)
    assert re.search(
        r"^Ours is of +all devices, eth0$", person.pb(*bill, "--device", "all", "--interface", "eth0"), re.MULTILINE
    )
    table = person.pb("reconcile", "--list").splitlines()
    place = table[0].index("Ours is of")
    assert [row[place:].split("  ")[0] for row in table[1:]] == ["this device", "all devices, eth0"]
    listed = person.json("reconcile", "--list")["reconciliations"]
    assert [(row["device"], row["interface"]) for row in listed] == [("this", None), ("all", "eth0")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--isp and --from are needed"),
        (("--isp", "5 GB"), "--isp and --from are needed"),
        (("--isp", "5", "--from", "2026-11-01"), "has no unit"),
        (("--isp", "lots GB", "--from", "2026-11-01"), "a size is a number and a unit"),
        (("--isp", "9999999 EB", "--from", "2026-11-01"), "more than anybody can use"),
        (("--isp", "0.0000000001 B", "--from", "2026-11-01"), "is less than a byte"),
        (("--isp", "5 GB", "--from", "2026-11-31"), "does not exist"),
        (("--isp", "5 GB", "--from", "2026-12-01", "--to", "2026-12-02"), "has not been yet"),
        (("--isp", "5 GB", "--from", "2026-11-05", "--to", "2026-11-01"), "Swap them"),
        (("--list", "--isp", "5 GB"), "--list takes nothing else"),
        (("--isp", "5 GB", "--from", "2026-11-01", "--to", "2026-11-24"), "--to 2026-11-24 has not been yet"),
        (("--remove", "1"), "there is no reading 1"),
        (("--remove", "one"), "is not a reading's number"),
        (("--remove", "1", "--isp", "5 GB"), "--remove takes a number and nothing else"),
        (("--remove", "1", "--list"), "--list takes nothing else"),
    ],
)
def test_wrong_comparisons(person: Person, words: tuple[str, ...], said: str) -> None:
    """Exit code 2, one line, nothing kept."""
    assert said in person.pb("reconcile", *words, code=2)
    assert person.json("reconcile", "--list")["reconciliations"] == []


def test_a_mistyped_reading_is_removed(person: Person) -> None:
    """By the number that the list gives it, and only that one."""
    for size in ("50 GB", "500 GB"):
        person.pb("reconcile", "--isp", size, "--from", "2026-11-01")
    assert person.pb("reconcile", "--remove", "2") == "Removed reading 2: 500 GB, Sun 1 Nov 2026 to Mon 23 Nov 2026.\n"
    assert [row["isp"] for row in person.json("reconcile", "--list")["reconciliations"]] == ["50 GB"]
    assert person.json("reconcile", "--remove", "1")["removed"]["isp"] == "50 GB"
    assert "Nothing was compared yet" in person.pb("reconcile", "--list")


def test_reasons_for_a_reader_with_a_bill(person: Person) -> None:
    """What could be all of it comes first and says so; words go on below themselves; time before counting is one."""
    text = person.pb("reconcile", "--isp", "90 GB", "--from", "2026-10-12")
    lines = text.splitlines()
    first = lines.index("What could be behind it") + 1
    assert lines[first].startswith("● counting began on Sun 1 Nov 2026, and what was before is not in ours: up to")
    assert lines[first + 1].startswith("  ")
    assert "of it" in " ".join(lines[first : first + 2])
    assert "Observed    52 % of the time" in text
    data = person.json("reconcile", "--isp", "90 GB", "--from", "2026-10-12")
    best = data["reasons"][0]
    assert (best["kind"], best["exact"], best["leaves_bytes"]) == ("began", False, 44 * GB - best["explains_bytes"])
    assert data["coverage"] == pytest.approx(22.04 / 42.5, abs=0.01)


def test_the_list_fits_narrow_paper(person: Person) -> None:
    """In 60 columns what does not fit is left out from the right."""
    person.pb("reconcile", "--isp", "50 GB", "--from", "2026-11-01")
    person.columns = "60"
    table = person.pb("reconcile", "--list").splitlines()
    assert max(map(len, table)) <= 60
    assert table[0].split()[:3] == ["No.", "From", "To"]


def test_nothing_counted_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a plan and no ledger the answer is the usual one."""
    person = Person(tmp_path / "home", capsys)
    person.configure('[[plan]]\ncap = "1 GB"\n')
    for words in (("plan",), ("plan", "--check"), ("reconcile", "--list")):
        assert "nothing has been counted yet" in person.pb(*words, code=1)


def test_the_day_of_the_tests() -> None:
    """The ledger of these tests ends at noon of 23 November 2026 in Kolkata."""
    noon = datetime.fromtimestamp(NOON // 10**9, UTC) + timedelta(hours=5, minutes=30)
    assert (noon.day, noon.hour) == (23, 12)
