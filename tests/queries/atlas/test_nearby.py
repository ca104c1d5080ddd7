"""Where else a missing link is made: makers of the whole country with city and distance, else those who may."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import chainatlas as ca
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.nearby import nearest, nearest_of, scope_points
from chainatlas.queries.atlas.scopes import WHOLE, distance_km

FIRMS = (
    ("示例济南服务器有限公司", "山东省", "济南市", "通用服务器"),
    ("示例徐州处理器有限公司", "江苏省", "徐州市", "服务器处理器"),
    ("示例上海处理器有限公司", "上海市", "", "服务器处理器"),
    ("示例浙江处理器有限公司", "浙江省", "", "服务器处理器"),
    ("示例深圳硬盘有限公司", "广东省", "深圳市", "硬盘"),
)


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    folder = tmp_path_factory.mktemp("nearby")
    ca.init(folder / "w")
    _write(folder / "企业.csv", ("企业名称", "所在省", "所在市", "主营产品"), FIRMS)
    shares = ("名录完整度", "有产品比例", "粒度点名", "粒度包含")
    stated = ("示例名单", "PRODUCES", "全部", "山东省", "1", "1", "1", "1", "示例")
    _write(folder / "覆盖声明.csv", ("来源", "关系", "总体", "地区", *shares, "依据"), (stated,))
    ca.load(folder / "w", [folder / "企业.csv", folder / "覆盖声明.csv"])
    return ca.open(folder / "w")


def _write(path: Path, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([head, *rows])


def item(atlas: Atlas, name: str) -> int:
    return atlas.makers.item(atlas.snapshot.find(name, ("Product",)))


def test_a_province_is_as_near_as_its_nearest_city(atlas: Atlas) -> None:
    shandong = atlas.scopes.find("山东省")
    points = scope_points(atlas, shandong)
    assert len(points) == 16
    near = nearest(atlas, item(atlas, "服务器处理器"), shandong, 5)
    assert [place for _, place, _ in near] == ["徐州市", "上海市", "浙江省"]
    xuzhou = atlas.point_of(atlas.snapshot.find("徐州市", ("Region",)))
    assert xuzhou is not None
    assert near[0][2] == pytest.approx(min(distance_km(xuzhou, (lon, lat)) for lon, lat in points.tolist()))
    assert near[0][2] == pytest.approx(68, abs=5)  # 枣庄—徐州
    assert near[2][2] is None  # a firm that is known to stand in a province only is at no known distance


def test_many_places_at_once_are_answered_as_one_by_one(atlas: Atlas) -> None:
    link = item(atlas, "服务器处理器")
    scopes = np.array([WHOLE, *(atlas.scopes.find(p) for p in ("山东省", "济南市", "江苏省", "徐州市"))])
    for scope, (at, km) in zip(scopes.tolist(), nearest_of(atlas, link, scopes, 3), strict=True):
        ((alone, far),) = nearest_of(atlas, link, np.array([scope]), 3)
        assert at.tolist() == alone.tolist()
        assert np.array_equal(km, far, equal_nan=True)


def test_a_missing_link_names_who_makes_it_elsewhere_or_who_may(atlas: Atlas) -> None:
    found = ca.gaps(atlas, place="山东省", show_unknown=True).in_language("zh")
    rows = {row["link"]: (at, row) for at, row in enumerate(found.rows)}
    at, made = rows["服务器处理器"]
    assert made["status"] == "missing"
    assert made["nearest"][0].startswith("示例徐州处理器有限公司（徐州市，")
    assert made["nearest"][0].endswith(" km）")
    at, may = rows["机械硬盘"]
    assert may["status"] == "missing"
    assert [text.split("，")[0] for text in may["nearest"]] == ["可能：示例深圳硬盘有限公司（深圳市"]
    facts = [row["fact"] for row in found.explain(at).in_language("zh").rows]
    assert any("示例深圳硬盘有限公司 可能生产 机械硬盘" in text and "深圳市" in text for text in facts)


def test_own_coordinates_stand_before_those_of_the_division(tmp_path: Path) -> None:
    _write(
        tmp_path / "区域.csv",
        ("区域名称", "行政区划代码", "级别", "经度", "纬度"),
        (("徐州市", "320300", "市", "117.5", "34.5"),),
    )
    _write(tmp_path / "企业.csv", ("企业名称", "所在省", "所在市", "主营产品"), FIRMS[1:3])
    ca.load(tmp_path / "w", [tmp_path / "区域.csv", tmp_path / "企业.csv"])
    found = ca.open(tmp_path / "w")
    assert found.point_of(found.snapshot.find("徐州市", ("Region",))) == (117.5, 34.5)
    shanghai = found.point_of(found.snapshot.find("上海市", ("Region",)))
    assert shanghai is not None
    assert distance_km(shanghai, (121.47, 31.23)) < 10
