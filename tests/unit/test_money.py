from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.billing.money import MINOR_DIGITS, SYMBOLS, UNIT_BYTES, Form, Price, cost_of, money, rate_text

RATES = st.decimals(0, 10**6, places=4)
CURRENCIES = st.sampled_from(["INR", "USD", "JPY", "KWD", "CHF"])
UNITS = st.sampled_from(sorted(UNIT_BYTES))


def test_the_golden_cost() -> None:
    """650117120 bytes at 7.50 per GB cost ₹4.88 (4.8758784, rounded once)."""
    assert cost_of(650117120, Price(Decimal("7.50"), "INR", "GB")) == Decimal("4.88")


def test_a_gibibyte_is_larger_than_a_gigabyte() -> None:
    """Prices per GiB are per 2³⁰ bytes."""
    assert cost_of(2**30, Price(Decimal(10), "EUR", "GiB")) == Decimal("10.00")
    assert cost_of(2**30, Price(Decimal(10), "EUR", "GB")) == Decimal("10.74")


@given(st.integers(0, 2**70), RATES, CURRENCIES, UNITS)
def test_cost_is_rounded_once_half_up(count: int, rate: Decimal, currency: str, unit: str) -> None:
    """The cost is the exact quotient rounded half up to the smallest coin, whatever the size."""
    coins = 10 ** MINOR_DIGITS.get(currency, 2)
    exact = Fraction(count) * Fraction(rate) / UNIT_BYTES[unit] * coins
    assert cost_of(count, Price(rate, currency, unit)) * coins == (2 * exact + 1) // 2


@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=20), RATES, CURRENCIES, UNITS)
def test_parts_cost_what_the_whole_costs(parts: list[int], rate: Decimal, currency: str, unit: str) -> None:
    """The costs of parts add up to the cost of the whole, within half a coin for each rounding."""
    price = Price(rate, currency, unit)
    coin = Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))
    apart = sum(cost_of(part, price) for part in parts)
    assert abs(apart - cost_of(sum(parts), price)) <= coin * (len(parts) + 1) / 2


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("4.8758784", "INR", "₹4.88"),
        ("123456", "INR", "₹1,23,456.00"),
        ("12345678.9", "INR", "₹1,23,45,678.90"),
        ("999", "INR", "₹999.00"),
        ("1234567.891", "USD", "$1,234,567.89"),
        ("1234.5", "JPY", "¥1,235"),
        ("4.88", "CHF", "CHF 4.88"),
        ("1.23456", "KWD", "KWD 1.235"),
        ("0.125", "EUR", "€0.13"),
        ("-1234.5", "GBP", "-£1,234.50"),
        ("0", "INR", "₹0.00"),
        ("123456789012345678901234567890.12", "USD", "$123,456,789,012,345,678,901,234,567,890.12"),
    ],
)
def test_money_is_written_as_its_readers_do(amount: str, currency: str, text: str) -> None:
    """Symbol or code, the currency's own digits, and its grouping, exact at any size."""
    assert money(Decimal(amount), currency) == text


def test_ascii_money_has_a_code_for_a_symbol() -> None:
    """Where only ASCII can be written the code replaces a symbol beyond it; "$" stays."""
    assert money(Decimal(5), "INR", ascii_only=True) == "INR 5.00"
    assert money(Decimal(5), "USD", ascii_only=True) == "$5.00"


@pytest.mark.parametrize(
    ("rate", "currency", "unit", "text"),
    [
        ("7.5", "INR", "GB", "₹7.50 per GB"),
        ("10", "JPY", "GB", "¥10 per GB"),
        ("0.0125", "USD", "GiB", "$0.0125 per GiB"),
        ("100", "CHF", "GB", "CHF 100.00 per GB"),
        ("1E-5", "EUR", "GB", "€0.00001 per GB"),
    ],
)
def test_a_rate_is_never_rounded_away(rate: str, currency: str, unit: str, text: str) -> None:
    """The price itself shows all its digits, and at least the currency's."""
    assert rate_text(Price(Decimal(rate), currency, unit)) == text


def test_no_two_currencies_share_a_symbol() -> None:
    """A symbol names one currency."""
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


def test_an_infinite_rate_is_not_money() -> None:
    """A rate that is no number has no digits to count."""
    with pytest.raises(ArithmeticError):
        cost_of(1, Price(Decimal("Infinity"), "EUR", "GB"))


@pytest.mark.parametrize(
    ("currency", "text"),
    [
        ("AUD", "A$1.50"), ("BDT", "৳1.50"), ("BRL", "R$1.50"), ("CAD", "CA$1.50"), ("CNY", "CN¥1.50"),
        ("EUR", "€1.50"), ("GBP", "£1.50"), ("GHS", "GH₵1.50"), ("HKD", "HK$1.50"), ("ILS", "₪1.50"),
        ("INR", "₹1.50"), ("JPY", "¥2"), ("KRW", "₩2"), ("KZT", "₸1.50"), ("MXN", "MX$1.50"), ("NGN", "₦1.50"),
        ("NZD", "NZ$1.50"), ("PHP", "₱1.50"), ("RUB", "₽1.50"), ("TRY", "₺1.50"), ("TWD", "NT$1.50"),
        ("UAH", "₴1.50"), ("USD", "$1.50"), ("VND", "₫2"), ("CHF", "CHF 1.50"), ("SEK", "SEK 1.50"),
    ],
)  # fmt: skip
def test_symbols_of_currencies(currency: str, text: str) -> None:
    """Each with the symbol that names it alone, or its code."""
    assert money(Decimal("1.50"), currency) == text


def test_coins_of_currencies() -> None:
    """ISO 4217's digits: none where there are no coins, three where there are thousandths, else two."""
    none = {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
    three = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
    assert dict.fromkeys(none, 0) | dict.fromkeys(three, 3) == MINOR_DIGITS
    assert money(Decimal("-0.001"), "KWD") == "-KWD 0.001"


def test_a_rate_that_ends_in_zeros() -> None:
    """A whole rate keeps its coins, a long one all of its digits."""
    assert rate_text(Price(Decimal(100), "USD", "GB")) == "$100.00 per GB"
    assert rate_text(Price(Decimal("0.0125"), "USD", "GiB")) == "$0.0125 per GiB"
    assert rate_text(Price(Decimal("1E+2"), "JPY", "GB")) == "¥100 per GB"


GERMAN = Form("#\N{NO-BREAK SPACE}¤", ",", ".")
SPANISH = GERMAN._replace(least=2)
INDIAN = Form(step=2)
CANADIAN = Form(own=("CAD", "$"))


@pytest.mark.parametrize(
    ("amount", "currency", "form", "text"),
    [
        ("1234.56", "EUR", GERMAN, "1.234,56\N{NO-BREAK SPACE}€"),
        ("-1234567.5", "EUR", GERMAN, "-1.234.567,50\N{NO-BREAK SPACE}€"),
        ("1234.5", "JPY", GERMAN, "1.235\N{NO-BREAK SPACE}¥"),
        ("1234.5", "EUR", SPANISH, "1234,50\N{NO-BREAK SPACE}€"),
        ("12345.5", "EUR", SPANISH, "12.345,50\N{NO-BREAK SPACE}€"),
        ("999", "EUR", SPANISH, "999,00\N{NO-BREAK SPACE}€"),
        ("1234567", "EUR", INDIAN, "€12,34,567.00"),
        ("1234567", "INR", Form(), "₹1,234,567.00"),
        ("1234567", "INR", None, "₹12,34,567.00"),
        ("5", "CAD", CANADIAN, "$5.00"),
        ("5", "USD", CANADIAN, "US$5.00"),
        ("5", "AUD", CANADIAN, "A$5.00"),
        ("5", "CHF", CANADIAN, "CHF 5.00"),
        ("5", "SEK", Form("#\N{NO-BREAK SPACE}¤", ",", own=("SEK", "kr")), "5,00\N{NO-BREAK SPACE}kr"),
        ("5", "MYR", Form(own=("MYR", "RM")), "RM 5.00"),
        ("5", "CHF", Form("¤\N{NO-BREAK SPACE}#", separator="'"), "CHF\N{NO-BREAK SPACE}5.00"),
    ],
)
def test_money_as_a_place_writes_it(amount: str, currency: str, form: Form | None, text: str) -> None:
    """Mark, separators, groups, place of the symbol; a place's own dollar is "$", and then no other one is."""
    assert money(Decimal(amount), currency, form) == text


def test_a_places_money_in_ascii() -> None:
    """Spaces that hold together become plain ones, symbols codes."""
    spaced = Form("#\N{NO-BREAK SPACE}¤", ",", "\N{NO-BREAK SPACE}")
    assert money(Decimal("1234.5"), "EUR", spaced, ascii_only=True) == "1 234,50 EUR"
    assert money(Decimal("1234.5"), "CZK", spaced._replace(own=("CZK", "Kč")), ascii_only=True) == "1 234,50 CZK"


def test_a_rate_as_a_place_writes_it() -> None:
    """The price too, with all of its digits."""
    assert rate_text(Price(Decimal("1234.125"), "EUR", "GB"), GERMAN) == "1.234,125\N{NO-BREAK SPACE}€ per GB"
