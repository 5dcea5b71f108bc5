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


def money(amount: Decimal, currency: str, *, ascii_only: bool = False) -> str:
    """An amount as people read it: ``₹1,23,456.00``, ``$1,234.50``, ``¥1,235``, ``CHF 4.88``.

    Rounded half up to the currency's digits. ``ascii_only`` writes the code in place of any symbol beyond ASCII.
    """
    whole_coins = rounded(amount, currency)
    whole, point, coins = f"{whole_coins.copy_abs():f}".partition(".")
    symbol = _symbol(currency, ascii_only=ascii_only)
    return f"{'-' if whole_coins < 0 else ''}{symbol}{_grouped(whole, 2 if currency == 'INR' else 3)}{point}{coins}"


def rate_text(price: Price, *, ascii_only: bool = False) -> str:
    """The price itself, never rounded away: ``₹7.50 per GB``, ``$0.0125 per GiB``."""
    digits = max(MINOR_DIGITS.get(price.currency, 2), -_exponent(price.rate.normalize(EXACT)))
    return f"{_symbol(price.currency, ascii_only=ascii_only)}{price.rate:.{digits}f} per {price.unit}"


def _symbol(currency: str, *, ascii_only: bool) -> str:
    symbol = SYMBOLS.get(currency, "")
    return symbol if symbol and (symbol.isascii() or not ascii_only) else f"{currency} "


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _coin(currency: str) -> Decimal:
    return Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))


def _grouped(whole: str, size: int) -> str:
    """Thousands apart, and before them groups of ``size`` (2 is the Indian way: 12,34,567)."""
    head, groups = whole[:-3], [whole[-3:]]
    while head:
        groups.insert(0, head[-size:])
        head = head[:-size]
    return ",".join(groups)
