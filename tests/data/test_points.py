"""Where cities stand: every city of the country has a point, and it agrees with another source where there is one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from chainatlas.queries.atlas.scopes import distance_km


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def points(root: Path) -> dict[str, tuple[float, float]]:
    read = rows(root / "data" / "divisions" / "points.csv")
    table = {row["code"]: (float(row["lon"]), float(row["lat"])) for row in read}
    assert len(table) == len(read)
    return table


def test_every_city_has_a_point_and_provinces_have_none(root: Path, points: dict[str, tuple[float, float]]) -> None:
    divisions = {row["code"]: row for row in rows(root / "data" / "divisions" / "divisions.csv")}
    assert {code for code, row in divisions.items() if row["level"] == "city"} <= set(points) <= set(divisions)
    provinces = {code for code in points if divisions[code]["level"] == "province"}
    assert provinces == {"110000", "120000", "310000", "500000", "710000", "810000", "820000"}
    assert all(73 < lon < 135.1 and 16 < lat < 53.6 for lon, lat in points.values())


def test_points_agree_with_the_coordinates_of_the_bundled_cities(
    root: Path, points: dict[str, tuple[float, float]]
) -> None:
    cities = [row for row in rows(root / "data" / "shandong" / "区域.csv") if row["级别"] == "市"]
    away = [distance_km((float(r["经度"]), float(r["纬度"])), points[r["行政区划代码"]]) for r in cities]
    assert len(away) == 16
    assert max(away) < 0.5
