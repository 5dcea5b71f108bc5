"""How places write money, and how the reader's place is found."""

import io
from decimal import Decimal

import pytest

from packetbuddy.billing.money import money
from packetbuddy.cli.paper import Paper, paper_for
from packetbuddy.cli.render.places import HOME, SPARING, WAYS, form_for
from packetbuddy.cli.render.words import money_words

SAMPLES = {
    "en_US": "€1,234,567.50",
    "en_IN": "€12,34,567.50",
    "hi_IN": "€12,34,567.50",
    "bn_BD": "12,34,567.50€",
    "de_DE": "1.234.567,50_€",
    "de_AT": "€_1.234.567,50",
    "de_CH": "€_1'234'567.50",
    "fr_FR": "1_234_567,50_€",
    "fr_CH": "1_234_567.50_€",
    "fr_CA": "1_234_567,50_€",
    "es_ES": "1.234.567,50_€",
    "es_MX": "€1,234,567.50",
    "es_AR": "€1.234.567,50",
    "pt_BR": "€_1.234.567,50",
    "pt_PT": "1_234_567,50_€",
    "nl_NL": "€_1.234.567,50",
    "sv_SE": "1_234_567,50_€",
    "en_ZA": "€1_234_567,50",
    "tr_TR": "€1.234.567,50",
    "ja_JP": "€1,234,567.50",
    "ar_EG": "1,234,567.50_€",
}
"""As Unicode's CLDR has them (and browsers show them); _ is a space that holds together."""


@pytest.mark.parametrize("place", SAMPLES)
def test_money_of_places(place: str) -> None:
    """Point, separators, groups and the symbol's place of each."""
    text = money(Decimal("1234567.5"), "EUR", form_for(place))
    assert text.replace("\N{NO-BREAK SPACE}", "_") == SAMPLES[place]


def test_four_digits_stay_together_where_people_write_so() -> None:
    """1234,50 in Spain, Italy, Poland and Portugal; 1.234,50 in Germany, and 1,234.50 in Mexico."""
    found = {place: money(Decimal("1234.5"), "EUR", form_for(place)) for place in ("es_ES", "it_IT", "pl_PL", "pt_PT")}
    assert {text[:7] for text in found.values()} == {"1234,50"}
    assert money(Decimal("1234.5"), "EUR", form_for("de_DE")).startswith("1.234,50")
    assert "1,234.50" in money(Decimal("1234.5"), "EUR", form_for("es_MX"))


@pytest.mark.parametrize(
    ("place", "currency", "text"),
    [
        ("en_CA", "CAD", "$5.00"),
        ("en_CA", "USD", "US$5.00"),
        ("en_US", "USD", "$5.00"),
        ("zh_CN", "CNY", "¥5.00"),
        ("zh_CN", "JPY", "JP¥5"),
        ("sv_SE", "SEK", "5,00 kr"),
        ("de_CH", "CHF", "CHF 5.00"),
        ("en_IN", "INR", "₹5.00"),
    ],
)
def test_a_places_own_currency(place: str, currency: str, text: str) -> None:
    """By its short sign at home; two dollars never look the same."""
    assert money(Decimal(5), currency, form_for(place)).replace("\N{NO-BREAK SPACE}", " ") == text


def test_the_table_is_sound() -> None:
    """Each place stands in it once, those that keep four digits together have a way, countries and codes look so."""
    names = [name for _, names in WAYS for name in names.split()]
    assert len(set(names)) == len(names)
    assert all(form_for(name) for name in [*names, *SPARING.split()])
    assert all(len(country) == 2 and len(code) == 3 for country, (code, _) in HOME.items())
    assert form_for("tlh_QQ") is None


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de_DE"),
        ({"LANG": "de_DE.UTF-8", "LC_MONETARY": "en_IN"}, "en_IN"),
        ({"LANG": "de_DE.UTF-8", "LC_MONETARY": "en_IN", "LC_ALL": "fr_FR@euro"}, "fr_FR"),
        ({"LANG": "de_DE", "LC_MONETARY": "", "LC_ALL": ""}, "de_DE"),
        ({"LC_ALL": "C.UTF-8", "LANG": "de_DE"}, ""),
        ({"LANG": "POSIX"}, ""),
        ({}, ""),
    ],
)
def test_the_readers_place(environment: dict[str, str], place: str) -> None:
    """LC_ALL before LC_MONETARY before LANG, empty ones skipped; C is nobody's in particular."""
    assert paper_for(io.StringIO(), environment).place == place


def test_nobodys_place_writes_as_ever() -> None:
    """Without a place that is known, money is written as the currency's own country does in English."""
    for place in ("", "tlh_QQ", "nonsense"):
        assert money_words(Decimal(123456), "INR", Paper(place=place)) == "₹1,23,456.00"
