"""How places write money: the facts of Unicode's CLDR, in Latin digits, for the places that terminals name."""

from packetbuddy.billing.money import Form

HELD = "\N{NO-BREAK SPACE}"

WAYS = (
    (
        "¤1,234,567.50",
        "en zh ja ko th ms fil tl am ak kn ml mr si es_CU es_DO es_GT es_HN es_MX es_NI es_PA es_PE es_PR es_SV es_US",
    ),
    ("¤12,34,567.50", "en_IN hi bn_IN gu ta te"),
    ("12,34,567.50¤", "bn"),
    ("¤ 1,234,567.50", "az bs kk kok pa sd sw uz ne ur fa"),
    ("1,234,567.50 ¤", "ar he"),
    (
        "1.234.567,50 ¤",
        "de da el ca es it sl sr hr vi ro is mk sq lb gl eu ar_DZ ar_LB ar_LY ar_MA ar_TN fr_LU",
    ),
    ("1 234 567,50 ¤", "fr cs sk ru uk pl bg fi sv nb nn no lt lv et hu pt_PT hy ka be br"),
    ("1 234 567.50 ¤", "fr_CH"),
    ("¤ 1.234.567,50", "de_AT nl pt"),
    ("¤1.234.567,50", "id tr es_AR es_BO es_CL es_CO es_EC es_PY es_UY es_VE"),
    ("¤1 234 567,50", "af en_ZA es_CR"),
    ("¤ 1'234'567.50", "de_CH de_LI it_CH rm en_CH"),
)
"""A sample with the symbol's place, and who writes so: a language, or a language in a country."""

SPARING = "es_ES it pl pt_PT bg lv et hu sl ru_UA uk be hy ka"
"""Those who write 1234,50, and separate from five digits on; of Spanish only Spain's."""

HOME = {
    "AR": ("ARS", "$"), "AU": ("AUD", "$"), "BG": ("BGN", "лв."), "BO": ("BOB", "Bs"), "CA": ("CAD", "$"),
    "CH": ("CHF", "CHF"), "CL": ("CLP", "$"), "CN": ("CNY", "¥"), "CO": ("COP", "$"), "CR": ("CRC", "₡"),
    "CZ": ("CZK", "Kč"), "DK": ("DKK", "kr."), "HK": ("HKD", "$"), "HU": ("HUF", "Ft"), "ID": ("IDR", "Rp"),
    "IS": ("ISK", "kr."), "KE": ("KES", "Ksh"), "LI": ("CHF", "CHF"), "LK": ("LKR", "Rs."), "MX": ("MXN", "$"),
    "MY": ("MYR", "RM"), "NO": ("NOK", "kr"), "NP": ("NPR", "रु"), "NZ": ("NZD", "$"), "PE": ("PEN", "S/"),
    "PK": ("PKR", "Rs"), "PL": ("PLN", "zł"), "RS": ("RSD", "RSD"), "SE": ("SEK", "kr"), "SG": ("SGD", "$"),
    "TH": ("THB", "฿"), "TW": ("TWD", "$"), "UY": ("UYU", "$"), "ZA": ("ZAR", "R"),
}  # fmt: skip
"""A country's own currency by its short sign, where that is not the one everybody uses."""


def form_for(place: str) -> Form | None:
    """The form of ``de_DE``, of its language where the country has none of its own; ``None``: nobody knows."""
    language, _, country = place.partition("_")
    samples = {name: sample for sample, names in WAYS for name in names.split()}
    sample = samples.get(place) or samples.get(language)
    if sample is None:
        return None
    least = 2 if {place, language} & set(SPARING.split()) else 1
    return _form(sample)._replace(least=least, own=HOME.get(country, ("", "")))


def _form(sample: str) -> Form:
    """What a sample shows; its spaces hold together."""
    figure = sample.strip("¤ ")
    separator = next(sign for sign in figure if not sign.isdigit())
    pattern = sample.replace(figure, "#").replace(" ", HELD)
    return Form(pattern, figure[-3], separator.replace(" ", HELD), 2 if figure.startswith("12") else 3)
