"""What leaves: no character steers or hides in a terminal, XML stays XML, no address shows a login."""

from __future__ import annotations

import json
import time
import unicodedata
import xml.dom.minidom
from xml.sax.saxutils import escape

import pytest

from chainatlas.graph.schema.errors import QueryError
from chainatlas.graph.schema.leaving import (
    from_xml_id,
    in_json,
    redacted,
    shown_uri,
    visible,
    without_logins,
    xml_id,
    xml_text,
)

EVERY = [chr(code) for code in range(0x110000)]
# Of the classes of controls and formats these are drawn: signs that stand before numbers, the Syriac abbreviation mark.
DRAWN = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")


def test_all_that_steers_or_hides_is_made_visible() -> None:
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    hidden = [c for c in EVERY if unicodedata.category(c) in kinds and c not in DRAWN | {"\t", "\n"}]
    assert len(hidden) > 2_200
    assert [hex(ord(c)) for c in hidden if visible(c) != f"\\u{{{ord(c):x}}}"] == []


def test_what_people_write_stays() -> None:
    text = "示例（集团）有限公司 𠮷野家 Ⅲ ㎡ naïve é e\u0301 नमस्ते 한국 ✈️ 葛\U000e0100城\t😀\r\n第二行 \\u{1b} “”…—"
    assert visible(text) == text
    letters = [c for c in EVERY if unicodedata.category(c)[0] in "LNSP" and c not in "\u115f\u1160\u3164\uffa0"]
    assert visible("".join(letters)) == "".join(letters)


def test_joiners_stay_where_they_are_spelling() -> None:
    for text in (
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937",
        "👨\u200d👩\u200d👧",
        "❤️\u200d🔥",
    ):
        assert visible(text) == text
    assert visible("示例\u200d公司\u200c") == "示例\\u{200d}公司\\u{200c}"
    assert visible("ab\u200dc 👨\u200d") == "ab\\u{200d}c 👨\\u{200d}"


def test_a_carriage_return_alone_would_write_over_the_line() -> None:
    assert visible("safe\rEVIL\r\n") == "safe\\u{d}EVIL\r\n"
    assert visible("\x1b[2J\x9b31m\u202e\u200b\x7f") == "\\u{1b}[2J\\u{9b}31m\\u{202e}\\u{200b}\\u{7f}"


def test_an_error_is_visible_wherever_python_writes_it() -> None:
    assert "\\u{1b}" in str(QueryError("place_unknown", name="\x1b[31m", near="—"))
    assert "\x1b" in QueryError("place_unknown", name="\x1b[31m", near="—").text("zh"), "a page escapes by itself"


def test_json_is_read_back_as_it_was() -> None:
    held = {"名": ["a\x1b\x7f\x9b\u202e\U000e0041\u2028", "𠮷"]}
    text = in_json(json.dumps(held, ensure_ascii=False))
    assert json.loads(text) == held
    assert visible(text) == text
    assert "𠮷" in text


def test_every_character_in_xml() -> None:
    text = "".join(EVERY)
    xml.dom.minidom.parseString(f"<a>{escape(xml_text(text))}</a>")
    assert xml_text("a\x00b\ufffec") == "a\ufffdb\ufffdc"
    names = [f"x{c}y" for c in EVERY if not "\ud800" <= c <= "\udfff"] + ["\\u{1b}", "\\u{", "\\\x1b", "\\\\u{zz}"]
    assert [name for name in names if from_xml_id(xml_id(name)) != name] == []
    assert from_xml_id("\\u{110000}\\u{d800}\\u{ffffffff}") == "\\u{110000}\\u{d800}\\u{ffffffff}"


SECRET = "s3cret"
ADDRESSES = {
    f"bolt://neo4j:{SECRET}@example.org:7687": "bolt://…@example.org:7687",
    f"bolt://{SECRET}@example.org": "bolt://…@example.org",
    f"bolt://example.org:7687?password={SECRET}": "bolt://example.org:7687?…",
    f"bolt://example.org#{SECRET}": "bolt://example.org#…",
    f"bolt://example.org/{SECRET}": "bolt://example.org/…",
    f"bolt://example.org:{SECRET}": "bolt://…",
    f"bolt://neo4j:{SECRET}": "bolt://…",
    f"bolt://neo4j:a/{SECRET}@example.org": "bolt://…",
    f"bolt://neo4j:a?{SECRET}@example.org": "bolt://…",
    f"bolt://neo4j:a#{SECRET}@example.org": "bolt://…",
    f"bolt://neo4j:a@{SECRET}@example.org": "bolt://…@example.org",
    f'bolt://neo4j:a"{SECRET}@example.org': "bolt://…@example.org",
    f"bolt://neo4j:a，{SECRET}@example.org": "bolt://…@example.org",
    f"neo4j:{SECRET}@example.org": "…",
    f"bolt:neo4j:{SECRET}@example.org": "…",
    f"bolt:/neo4j:{SECRET}@example.org": "…",
    f"//neo4j:{SECRET}@example.org": "…",
    f"https://u:{SECRET}@example.org/x": "https://…@example.org/…",
    f"BOLT+SSC://u:{SECRET}@[::1]:7687": "BOLT+SSC://…@[::1]:7687",
    f"bolt://[::1:{SECRET}": "bolt://…",
    f"bolt://example.org:7687\\{SECRET}": "bolt://example.org:7687\\…",
    "bolt://主机:7687/": "bolt://主机:7687",
    "not an address": "not an address",
    "neo4j+s://example.org": "neo4j+s://example.org",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_shown_without_what_may_be_a_login(address: str) -> None:
    assert shown_uri(address) == ADDRESSES[address]
    for text in (f"Cannot reach {address}, refused", f"“{address}”连不上。", f"({address})"):
        assert SECRET not in redacted(text, address)
        assert SECRET not in redacted(text)


def test_an_address_with_spaces_in_its_password_goes_when_it_is_known() -> None:
    assert SECRET not in redacted(f"no: bolt://u:a {SECRET}@h", f"bolt://u:a {SECRET}@h")
    assert redacted(f"password {SECRET} is wrong", SECRET) == "password … is wrong"


def test_other_texts_stay() -> None:
    for text in (
        "“neo4j+s://…@h”不是 Neo4j 地址。应类似 bolt://主机:7687 或 neo4j+s://…。",
        "见 https://example.org/a?b=c@d，联系人:zhang@example.org",
        "bolts and nuts: a/b, 12:30",
    ):
        assert without_logins(text) == text
    assert redacted("write to zhang@example.org") == "write to zhang@example.org"


@pytest.mark.parametrize(
    "piece", [":", "@", "a:@", "bolt://", "http://", 'bolt:/"', "a://b:c@", "aaaa", "\x1b", "\\u{"]
)
def test_the_time_is_linear(piece: str) -> None:
    once, four = (min(_seconds_of(piece * count) for _ in range(2)) for count in (10_000, 40_000))
    assert four <= 8 * max(once, 0.002)


def _seconds_of(text: str) -> float:
    """Return the processor time of making a text fit to leave, which other programs do not change."""
    start = time.process_time()
    for one in (text, text + ":/"):
        visible(one)
        redacted(one)
        from_xml_id(xml_id(one))
    return time.process_time() - start
