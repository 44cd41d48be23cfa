"""Texts made to act on what prints them, and what a printed page may hold."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from hypothesis import strategies as st

FRAGMENTS: Final = (
    *(
        "::",
        ":::",
        "::error::x",
        "::add-mask::x",
        "::stop-commands::t",
        "##[",
        "##[error]",
        "##vso[x]",
        "%0A::x",
        "#",
        "##",
    ),
    *(
        "\n",
        "\r",
        "\r\n",
        "\x1b[2J",
        "\x1b]8;;http://e\x07",
        "\x07",
        "\x00",
        "\x7f",
        "\x85",
        "\x9b31m",
        "\u2028",
        "\u2029",
    ),
    *("\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\xad", "\u3164", "\ufe0f", "\U000e0041", "\ufffe", "\ud800"),
    *(" ", "\t", "\xa0", "\u3000", "    ", "名前", "é", "e\u0301\u0301\u0301\u0301\u0301", "\u0301", "👩\u200d🚀"),
    *("@team", "@a/b", "#1", "!1", "GH-1", "$1", "~bug", "&1", "%1", "a@b.co", "www.e.co", "http://e.co", "ftp://e"),
    *("[a](b)", "![a](b)", "[a]: b", "[^1]", "<b>", "</details>", "<!--", "<img src=x>", "&lt;", "&#64;", "<http://e>"),
    *("`", "``", "```", "~~~", "**", "__", "_", "~~x~~", "|", "|-|", "\\", "---", "===", "- ", "1. ", "+ ", "> ", "# "),
    *("$x$", "$`x`$", ":tada:", ":+1:", "- [ ] x", "[!NOTE]", "{0}", "{{", "]]>", "<![CDATA[", "&", "<", ">", '"', "'"),
    *("=1+1", "+1", "-1", "x" * 130, ":" * 130, "/" * 50, "a" * 60 + "::" + "b" * 60, "mailto:x", "javascript:x"),
    *(
        "../../etc/passwd",
        "/etc/passwd",
        "file:///etc",
        "src/a.py:3",
        "C:\\x:1",
        "src/../a.py:1",
        "a%2e.py:9",
        "a b#?.py:2",
    ),
)
TEXTS: Final = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), min_size=1, max_size=8).map("".join)

_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


def assert_calm(page: str, *, commands: bool = False) -> None:
    """Nothing in a page acts on a terminal or a CI runner, and everything in it shows."""
    for character in set(page):
        kind = unicodedata.category(character)
        assert character in "\n\u3000 " or kind not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}, repr(character)
    assert not _INVISIBLE.search(page)
    assert not re.search(r"##\w*\[", page)
    assert commands or not [line for line in page.split("\n") if line.lstrip().startswith("::")]
