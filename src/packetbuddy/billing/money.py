"""What bytes cost, and how an amount of money is written. Exact decimals, rounded once, half up."""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

UNIT_BYTES = {"GB": 10**9, "GiB": 2**30}
"""What a price is per (`[cost] unit`)."""

SYMBOLS = {
    "AUD": "A$", "BDT": "৳", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "GHS": "GH₵",
    "HKD": "HK$", "ILS": "₪", "INR": "₹", "JPY": "¥", "KRW": "₩", "KZT": "₸", "MXN": "MX$", "NGN": "₦",
    "NZD": "NZ$", "PHP": "₱", "RUB": "₽", "TRY": "₺", "TWD": "NT$", "UAH": "₴", "USD": "$", "VND": "₫",
}  # fmt: skip
"""Symbols that name one currency on their own; the others are written by their code ("CHF 4.88")."""

WITHOUT_COINS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
WITH_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
MINOR_DIGITS = dict.fromkeys(WITHOUT_COINS.split(), 0) | dict.fromkeys(WITH_THOUSANDTHS.split(), 3)
"""ISO 4217's digits after the point, where they are not 2."""

EXACT = Context(prec=200)
"""Wide enough for any count of bytes times any rate, divided by a power of two or ten."""


class Form(NamedTuple):
    """How a place writes money.

    ``pattern`` has the figure's place (#) and the symbol's (¤). ``step``: digits of the groups beyond the thousands.
    ``least``: so many digits stand before the first separator, or there is none. ``own``: the place's own currency,
    and how it writes that at home.
    """

    pattern: str = "¤#"
    point: str = "."
    separator: str = ","
    step: int = 3
    least: int = 1
    own: tuple[str, str] = ("", "")


class Price(NamedTuple):
    """A flat price: ``rate`` units of ``currency`` (ISO 4217) per ``unit`` (a key of ``UNIT_BYTES``)."""

    rate: Decimal
    currency: str
    unit: str


def cost_of(count: int, price: Price) -> Decimal:
    """The cost of ``count`` bytes, rounded once to the currency's smallest coin, half up."""
    exact = EXACT.divide(EXACT.multiply(Decimal(count), price.rate), Decimal(UNIT_BYTES[price.unit]))
    return rounded(exact, price.currency)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount in whole coins of its currency, half up. Once, at the end, never on the way."""
    return amount.quantize(_coin(currency), ROUND_HALF_UP, EXACT)


def money(amount: Decimal, currency: str, form: Form | None = None, *, ascii_only: bool = False) -> str:
    """An amount as people read it: ``₹1,23,456.00``, ``$1,234.50``, ``¥1,235``, ``CHF 4.88``.

    Rounded half up to the currency's digits. Without a ``form`` as the currency's own country writes it in English.
    ``ascii_only`` writes the code in place of any symbol beyond ASCII, and spaces in place of other separators.
    """
    whole_coins = rounded(amount, currency)
    figure = _written(f"{whole_coins.copy_abs():f}", currency, form, ascii_only=ascii_only)
    return f"{'-' if whole_coins < 0 else ''}{figure}"


def rate_text(price: Price, form: Form | None = None, *, ascii_only: bool = False) -> str:
    """The price itself, never rounded away: ``₹7.50 per GB``, ``$0.0125 per GiB``."""
    digits = max(MINOR_DIGITS.get(price.currency, 2), -_exponent(price.rate.normalize(EXACT)))
    return f"{_written(f'{price.rate:.{digits}f}', price.currency, form, ascii_only=ascii_only)} per {price.unit}"


def _written(number: str, currency: str, form: Form | None, *, ascii_only: bool) -> str:
    """Digits with a point, as a place writes them, beside the symbol."""
    form = form or Form(step=2 if currency == "INR" else 3)
    whole, point, coins = number.partition(".")
    figure = _grouped(whole, form) + (form.point if point else "") + coins
    symbol = _symbol(currency, form, ascii_only=ascii_only)
    apart = " " if form.pattern.startswith("¤#") and symbol[-1:].isalpha() else ""
    text = form.pattern.replace("¤", symbol + apart).replace("#", figure)
    return "".join(sign if sign.isascii() else " " for sign in text) if ascii_only else text


def _symbol(currency: str, form: Form, *, ascii_only: bool) -> str:
    """What names the currency there: its own one by its short sign, another one never by the same sign."""
    own, sign = form.own
    symbol = sign if currency == own else SYMBOLS.get(currency, currency)
    if symbol == sign and currency != own:
        symbol = f"{currency[:2]}{symbol}"
    return symbol if symbol.isascii() or not ascii_only else currency


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _coin(currency: str) -> Decimal:
    return Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))


def _grouped(whole: str, form: Form) -> str:
    """Thousands apart, and before them groups of ``step`` (2 is the Indian way: 12,34,567)."""
    head, groups = whole[:-3], [whole[-3:]]
    if len(head) < form.least:
        return whole
    while head:
        groups.insert(0, head[-form.step :])
        head = head[: -form.step]
    return form.separator.join(groups)
