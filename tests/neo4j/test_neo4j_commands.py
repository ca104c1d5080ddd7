"""The commands `publish` and `pull` on a real server: the way of the napkin chain and of the demo data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from real_server import Probe

import chainatlas as ca

SHEETS = {
    "产品环节.csv": "产品名称,产业链,环节位置\nT,餐巾,下游\nA,餐巾,上游\nB,餐巾,上游\n",
    "投入关系.csv": "投入品,产品,组,必需\nA,T,1,是\nB,T,2,是\n",
    "企业.csv": "企业名称,主营产品,产业链,所在市\na1,A,餐巾,枣庄市\na2,A,餐巾,枣庄市\n"
    "b1,B,餐巾,济南市\nt1,T,餐巾,枣庄市\n",
    "覆盖声明.csv": "来源,关系,总体,地区,产业链,完整度,依据,截止日期\n名单,生产,,,,0.9,全部核对,2026-06\n",
}


def run(*words: str) -> dict[str, object]:
    """Run a command and return its table of what and value."""
    script = "from chainatlas.commands import main; main()"
    done = subprocess.run([sys.executable, "-c", script, *words, "--format", "json"], env=os.environ,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert os.environ["NEO4J_PASSWORD"] not in done.stdout + done.stderr
    return {row["what"]: row["value"] for row in json.loads(done.stdout)}


def napkin(folder: Path) -> Path:
    folder.mkdir()
    for name, text in SHEETS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_napkin_chain_from_csv_to_server_and_back(demo_folder: Path, tmp_path: Path, neo4j: Probe) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    ca.load(here, napkin(tmp_path / "sheets"))
    first = run("publish", neo4j.uri, "-w", str(here))
    status = {row["what"]: row["value"] for row in ca.status(here).rows}
    assert first["hash"] == status["hash"]
    assert neo4j.value("MATCH (:Enterprise)-[r:PRODUCES]->(:Product) RETURN count(r)") == 4
    again = run("publish", neo4j.uri, "-w", str(here))
    assert again["server_writes"] == 0
    pulled = run("pull", neo4j.uri, "-w", str(there))
    assert pulled["hash"] == status["hash"]
    mine, back = (ca.chain(ca.open(w), "餐巾", place="枣庄市").rows for w in (here, there))
    assert mine == back
    assert {row["link"]: row["status"] for row in mine} == {"A": "adequate", "B": "missing", "T": "single_source"}


def test_a_question_goes_to_the_server(neo4j: Probe) -> None:
    neo4j.rows("CREATE (:Product {name: '轴'})")
    before = neo4j.everything()
    few = ca.cypher(None, "UNWIND range(1, 10) AS x RETURN x", uri=neo4j.uri, rows=3)
    assert ([r["x"] for r in few.rows], len(few.notes)) == ([1, 2, 3], 1)
    assert ca.cypher(None, "MATCH (p:Product) RETURN p.name AS n", uri=neo4j.uri).rows == [{"n": "轴"}]
    for text in ("MATCH (n) SET n.x = 1 RETURN n", "CREATE (n:New) RETURN n", "MATCH (n) DETACH DELETE n"):
        with pytest.raises(ca.QueryError, match=r"was not run|cannot begin"):
            ca.cypher(None, text, uri=neo4j.uri)
    assert neo4j.everything() == before


def test_demo_data_to_server_and_back(demo_folder: Path, tmp_path: Path, neo4j: Probe) -> None:
    hash_ = ca.status(demo_folder).rows[0]["value"]
    run("publish", neo4j.uri, "-w", str(demo_folder))
    assert run("publish", neo4j.uri, "-w", str(demo_folder))["server_writes"] == 0
    assert run("pull", neo4j.uri, "-w", str(tmp_path / "copy"))["hash"] == hash_
