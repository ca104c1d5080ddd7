"""JSON as interfaces give it: whatever it is wrapped in, the records load as from a plain list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import links, names, write

from chainatlas.api import load_result
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import load

A = {"企业名称": "示例甲有限公司", "所在市": "济南市", "主营产品": ["示例电池", "示例电机"]}
B = {"企业名称": "示例乙有限公司", "所在市": "青岛市", "主营产品": ["示例电控"]}
PLAIN = [A, B]


def without(record: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {k: v for k, v in record.items() if k not in keys}


def feature(record: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [117.0, 36.6]}, "properties": record}


def save(folder: Path, document: Any, name: str = "企业.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


WRAPPED: dict[str, tuple[Any, str, str]] = {
    "data": ({"data": PLAIN}, "data", "—"),
    "code, data, list": (
        {"code": 0, "msg": "ok", "data": {"total": 2, "list": PLAIN}},
        "data.list",
        "code、msg、data.total",
    ),
    "records beside a list that is none": (
        {"result": {"records": PLAIN, "ids": [1, 2]}},
        "result.records",
        "result.ids",
    ),
    "a key for each": ({r["企业名称"]: without(r, "企业名称") for r in PLAIN}, "*", "—"),
    "a number for each, inside data": ({"data": {"1": A, "2": B}}, "data.*", "—"),
    "GeoJSON": ({"type": "FeatureCollection", "name": "x", "features": [feature(A), feature(B)]}, "features", "name"),
    "pages": ([{"page": 1, "data": [A]}, {"page": 2, "data": [B]}], "[].data", "page"),
    "head and rows": (
        {"columns": list(A), "data": [["、".join(v) if isinstance(v, list) else v for v in r.values()] for r in PLAIN]},
        "data",
        "—",
    ),
    "by column": ({k: [r[k] if isinstance(r[k], str) else "、".join(r[k]) for r in PLAIN] for k in A}, "*", "—"),
    "by column and number": ({k: {str(n): r[k] for n, r in enumerate(PLAIN)} for k in A}, "*", "—"),
}


@pytest.mark.parametrize("how", WRAPPED)
def test_records_are_found_in_what_wraps_them(tmp_path: Path, how: str) -> None:
    document, path, rest = WRAPPED[how]
    report = load(tmp_path / "w", [save(tmp_path / "a", document)])
    assert report.hash == load(tmp_path / "p", [save(tmp_path / "b", PLAIN)]).hash
    assert links(Workspace.open(tmp_path / "w").graph(), "PRODUCES") == {
        ("示例甲有限公司", "示例电池"),
        ("示例甲有限公司", "示例电机"),
        ("示例乙有限公司", "示例电控"),
    }
    told = f"“企业.json”：读的是其中“{path}”下的记录（2 条）；未读的部分：{rest}。"
    assert told in load_result(report).notes_in("zh")


def test_the_wrapped_list_of_the_case(shared: Path, tmp_path: Path) -> None:
    report = load(tmp_path / "w", [shared / "cases" / "lists" / "22-json-wrapper" / "企业.json"])
    graph = Workspace.open(tmp_path / "w").graph()
    assert names(graph, "Enterprise") == ["示例甲有限公司"]
    assert links(graph, "LOCATED_IN") == {("示例甲有限公司", "济南市")}
    assert [s for s in load_result(report).notes_in("zh") if "“data”" in s]


@pytest.mark.parametrize("document", [[A], A, {"data": A}, [list(A), list(A.values())]])
def test_one_record_is_a_list_of_one(tmp_path: Path, document: Any) -> None:
    if document == [list(A), list(A.values())]:
        document = [list(A), ["示例甲有限公司", "济南市", "示例电池、示例电机"]]
    report = load(tmp_path / "w", [save(tmp_path / "a", document)])
    assert report.hash == load(tmp_path / "p", [save(tmp_path / "b", [A])]).hash


def test_nested_records_are_flattened_with_their_paths(tmp_path: Path) -> None:
    nested = [
        {
            "企业名称": r["企业名称"],
            "地址": {"省": "山东省", "市": r["所在市"]},
            "主营产品": [{"名称": p, "产能": 3} for p in r["主营产品"]],
            "法定代表人": {"姓名": "某某"},
        }
        for r in PLAIN
    ]
    report = load(tmp_path / "w", [save(tmp_path / "a", {"data": nested})])
    assert report.hash == load(tmp_path / "p", [save(tmp_path / "b", PLAIN)]).hash
    assert ("企业.json", "主营产品·产能") in report.unused


def test_a_record_that_holds_a_list_of_records_is_one(tmp_path: Path) -> None:
    one = {**A, "荣誉": [{"年度": 2020}, {"年度": 2021}]}
    report = load(tmp_path / "w", [save(tmp_path / "a", one)])
    assert [(s.read, s.new) for s in report.sheets] == [(1, 1)]
    assert report.unused == (("企业.json", "荣誉·年度"),)


def test_of_several_lists_one_must_be_named(tmp_path: Path) -> None:
    path = save(tmp_path / "a", {"data": {"new": [A], "old": [B, B]}})
    with pytest.raises(LoadError, match=r"data\.new、data\.old") as bad:
        load(tmp_path / "w", [path])
    assert bad.value.code == "json_lists"
    assert 'sheet = "data.new"' in str(bad.value)
    columns = "\n".join(f'"{k}" = "{k}"' for k in A)
    text = f'[[sheet]]\nfile = "企业.json"\nsheet = "data.new"\nas = "企业"\n[sheet.columns]\n{columns}'
    report = load(tmp_path / "w", [path], mapping=write(tmp_path, "m.toml", text))
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == ["示例甲有限公司"]
    assert [(s, why) for _, s, _, why, _ in report.passed] == [("data.old", "not_mapped")] * 2
    assert [s for s in load_result(report).notes_in("zh") if "“data.old”没有载入（2 行）" in s]


@pytest.mark.parametrize(
    "text", ["{}", "[]", "3", '{"a": 1}', '{"data": []}', '{"data": [1, 2]}', '{"a": {"b": {"c": 1}}}']
)
def test_a_document_without_records_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, "企业.json", text)
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [path])
    assert bad.value.code in ("json_shape", "column_required")


@pytest.mark.parametrize("key", ["x", "data"])
@pytest.mark.parametrize("depth", [60, 900])
def test_deep_documents_end(tmp_path: Path, key: str, depth: int) -> None:
    path = write(tmp_path, "企业.json", f'{{"{key}":' * depth + "[{}]" + "}" * depth)
    with pytest.raises(LoadError):
        load(tmp_path / "w", [path])


FIRMS = [{"企业名称": "示例甲有限公司"}, {"企业名称": "示例乙有限公司"}]


@pytest.mark.parametrize(
    ("document", "path", "rest"),
    [
        ({"城市": "济南市", "data": FIRMS}, "data", "城市"),
        ({"年份": 2023, "产业链": "机器人", "data": {"list": FIRMS}}, "data.list", "年份、产业链"),
        ([{"城市": "济南市", "data": FIRMS[:1]}, {"城市": "青岛市", "data": FIRMS[1:]}], "[].data", "城市"),
        ({"城市": "济南市", "data": [["企业名称"], *([r["企业名称"]] for r in FIRMS)]}, "data", "城市"),
    ],
)
def test_what_a_wrapper_says_of_all_records_is_told(tmp_path: Path, document: Any, path: str, rest: str) -> None:
    report = load(tmp_path / "w", [save(tmp_path / "a", document)])
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == ["示例乙有限公司", "示例甲有限公司"]
    told = f"“企业.json”：读的是其中“{path}”下的记录（2 条）；未读的部分：{rest}。"
    assert told in load_result(report).notes_in("zh")


def test_rows_under_a_header_are_read_as_a_csv_of_them(tmp_path: Path) -> None:
    twice = [["企业名称", "主营产品", "主营产品"], ["示例甲有限公司", "示例轴承", "示例钢球"]]
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [save(tmp_path / "a", twice)])
    assert bad.value.code == "column_twice"
    wide = [
        ["企业名称", "主营产品"],
        ["示例甲有限公司", "示例轴承", "多出"],
        ["示例乙有限公司", "示例钢球"],
        ["合计", "2"],
    ]
    report = load(tmp_path / "w", [save(tmp_path / "a", wide)], max_rejects=1.0)
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == ["示例乙有限公司"]
    assert [(r.row, r.code) for r in report.rejects] == [(2, "reject_width")]
    assert [(row, why) for _, _, row, why, _ in report.passed] == [(4, "total")]
