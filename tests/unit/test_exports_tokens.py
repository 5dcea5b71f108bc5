"""What the formats cost a language model, by a real tokenizer."""

from packetbuddy.exports.formats import SERIES
from packetbuddy.reports.history import History
from unit.histories import HOW, history, year_of_days
from unit.tokens import tokens


def counted(report: History) -> dict[str, int]:
    return {name: tokens("".join(series.pieces(report, HOW))) for name, series in SERIES.items()}


def test_the_tokenizer_is_the_real_one() -> None:
    """Known counts of o200k_base: three digits are a token, so is a common word."""
    assert tokens("hello world") == 2
    assert tokens("2026-11-23,123456789,987654321\n") == 15
    assert tokens("1\n" * 3000) == 6000


def test_a_year_in_toon_costs_a_model_little() -> None:
    """A year with few partly observed days: 80 % fewer than JSON, 54 % fewer than Markdown, and no byte is lost."""
    found = counted(history(year_of_days(365)))
    assert 1 - found["toon"] / found["json"] >= 0.80
    assert 1 - found["toon"] / found["markdown"] >= 0.54
    assert found["toon"] < found["official"] * 0.6
    assert found["toon"] < found["csv"] * 0.6


def test_toon_stays_ahead_where_nothing_is_regular() -> None:
    """Even where every third day was partly observed and estimated, it is the shortest of those that lose nothing."""
    found = counted(history(year_of_days(365, doubtful=0.33)))
    assert found["toon"] == min(found.values())
