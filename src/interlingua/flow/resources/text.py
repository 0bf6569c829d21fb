"""Texts for a screen, in the reader's language.

A `Text` is kept as it was written and translated when it is shown, so that one process
can answer each request in its own language. Catalogues are gettext's, in `locales/`;
a text without a translation stays English.
"""

import functools
import gettext
from pathlib import Path

DOMAIN = "interlingua"
LOCALES = Path(__file__).with_name("locales")
SOURCE_LANGUAGE = "en"


class Text(str):
    """A text that can be translated; as a plain string it is English.

    Example:
        >>> Text("API key").to("zh_CN")
        'API 密钥'

    """

    __slots__ = ()

    def to(self, language: str) -> str:
        """Translate into `language`: a tag such as `zh`, `zh-CN` or `zh_CN`, or an Accept-Language header."""
        return catalogue(language).gettext(str(self)) if self else ""


def languages() -> list[str]:
    """List the languages that there are catalogues for, English first."""
    return [SOURCE_LANGUAGE, *sorted(path.name for path in LOCALES.iterdir() if path.is_dir())]


@functools.lru_cache(maxsize=128)
def catalogue(language: str) -> gettext.NullTranslations:
    """Give the best catalogue for a language tag or an Accept-Language header."""
    known = languages()
    for wanted in _preferences(language):
        for name in known:
            if wanted in (name.lower(), name.lower().partition("_")[0]):
                return gettext.translation(DOMAIN, LOCALES, [name], fallback=True)
    return gettext.NullTranslations()


def _preferences(header: str) -> list[str]:
    """Give the tags of an Accept-Language header, the most wanted first, each also without its region."""
    weighted: list[tuple[float, str]] = []
    for item in header[:1000].split(","):
        tag, _, parameter = item.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            weight = 0.0
        if tag and weight > 0:
            weighted.append((-weight, tag.lower().replace("-", "_")))
    ordered = [tag for _, tag in sorted(weighted, key=lambda pair: pair[0])]
    return [form for tag in ordered for form in dict.fromkeys((tag, tag.partition("_")[0]))]
