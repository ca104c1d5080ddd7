"""Bodies that serve a technology are able to help with what requires it."""

from __future__ import annotations

import numpy as np
from building import atlas_of, batch, edges, named

from chainatlas.queries.partners.holdings import holdings
from chainatlas.queries.partners.partners import partners
from chainatlas.views.atlas.candidates import candidates


def test_who_serves_a_required_technology_is_able_by_it() -> None:
    nodes = {"Enterprise": named("甲厂"), "Product": named("隔膜"), "Technology": named("湿法双向拉伸"),
             "Institute": named("示例研究院", "示例学院")}  # fmt: skip
    served = ("示例研究院", "湿法双向拉伸", {"source": "年报"})
    relations = (edges("REQUIRES", "Product", "Technology", ("隔膜", "湿法双向拉伸"))
                 | edges("PRODUCES", "Enterprise", "Product", ("甲厂", "隔膜"))
                 | edges("SERVES", "Institute", "Technology", served))  # fmt: skip
    atlas = atlas_of(batch(nodes, relations))
    found = partners(atlas, "隔膜", kind="institute").in_language("zh")
    assert [(r["candidate"], r["ability"]) for r in found.rows] == [("示例研究院", "technology")]
    assert found.rows[0]["why"] == "服务于湿法双向拉伸，是隔膜所需的技术；据年报。"
    facts = [str(r["fact"].text("zh")) for r in found.explain(0).rows]
    assert "示例研究院 服务于 湿法双向拉伸" in facts

    links = {atlas.makers.item(atlas.snapshot.find(n, (k,))): at
             for at, (n, k) in enumerate((("隔膜", "Product"), ("湿法双向拉伸", "Technology")))}  # fmt: skip
    number = {int(node): at for at, node in enumerate(holdings(atlas).node)}
    body = number[atlas.snapshot.find("示例研究院", ("Institute",))]
    carried = candidates(atlas, np.array(list(links)), np.zeros(0, np.int64), links, number, {})
    assert carried["served"] == [[body, 1]]  # the page says so, too
