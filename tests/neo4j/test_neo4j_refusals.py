"""What a server refuses is said in a sentence, and a password is never said at all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphs import SCHEMA, graph, napkin
from real_server import Probe

import chainatlas as ca
from chainatlas.graph.schema.errors import SchemaError, StoreError
from chainatlas.graph.schema.types import load_schema
from chainatlas.graph.stores.neo4j.publish import publish
from chainatlas.graph.stores.neo4j.session import Credentials, told


@pytest.mark.parametrize(("code", "told_as"), [
    ("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", "neo4j_readonly"),
    ("Neo.ClientError.Security.Forbidden", "neo4j_forbidden"),
    ("Neo.ClientError.Security.Unauthorized", "neo4j_auth"),
    ("Neo.ClientError.Database.DatabaseNotFound", "neo4j_database"),
    ("Neo.ClientError.Schema.ConstraintValidationFailed", "neo4j_clash"),
    ("Neo.DatabaseError.General.UnknownError", "neo4j_failed"),
])  # fmt: skip
def test_each_refusal_has_its_sentence(code: str, told_as: str) -> None:
    """Codes of editions and rights that Community, the server of these tests, does not have."""
    from neo4j.exceptions import Neo4jError

    with pytest.raises(StoreError) as bad, told("bolt://h:1", "reader"):
        raise Neo4jError._hydrate_neo4j(code=code, message="said by the server")
    assert bad.value.code == told_as
    assert "bolt://h:1" in bad.value.text("zh")


def _success(**values: str) -> bytes:
    """A Bolt SUCCESS message in one chunk."""
    said = b"".join(bytes([0x80 + len(k)]) + k.encode() + b"\xd0" + bytes([len(v)]) + v.encode()
                    for k, v in values.items())  # fmt: skip
    body = b"\xb1\x70" + bytes([0xA0 + len(values)]) + said
    return len(body).to_bytes(2, "big") + body + b"\x00\x00"


@pytest.fixture
def old_server() -> Iterator[str]:
    """A server that greets as Neo4j 4.4 and then agrees to everything."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(20)
            client.sendall(b"\x00\x00\x04\x05")
            while client.recv(1 << 16):  # the greeting and the login come together
                client.sendall(2 * _success(server="Neo4j/4.4.12", connection_id="bolt-1"))

    threading.Thread(target=serve, daemon=True).start()
    yield f"bolt://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


def test_a_server_too_old_is_named_with_its_version(old_server: str) -> None:
    with pytest.raises(StoreError) as bad:
        publish(graph(napkin()), SCHEMA, old_server, auth=Credentials("neo4j", "any"))
    assert bad.value.code == "neo4j_version"
    assert "4.4.12" in str(bad.value)


EXTENSION = """
[node.Instrument]
zh="仪器"
[node.Instrument.props]
name = {zh="仪器名称", required=true, identifying=true}
"""


def test_types_of_a_users_extension_are_published_and_pulled(tmp_path: Path, neo4j: Probe) -> None:
    home = tmp_path / "w"
    home.mkdir()
    (home / "schema.toml").write_text(EXTENSION, encoding="utf-8")
    (tmp_path / "仪器.csv").write_text('仪器名称\n"质谱仪`) DETACH DELETE n //"\n', encoding="utf-8")
    ca.load(home, tmp_path / "仪器.csv")
    neo4j.rows("CREATE (:Other {name: 'stays'})")
    ca.publish(home, neo4j.uri)
    assert neo4j.value("MATCH (n:Instrument) RETURN n.name") == "质谱仪`) DETACH DELETE n //"
    assert neo4j.value("MATCH (n:Other) RETURN count(n)") == 1


@pytest.mark.parametrize("name", ["Bad`Label", "X) DETACH DELETE (n", "有 空格"])
def test_a_label_that_is_no_name_is_refused_by_the_schema(tmp_path: Path, name: str) -> None:
    file = tmp_path / "schema.toml"
    file.write_text(EXTENSION.replace("node.Instrument", f'node."{name}"'), encoding="utf-8")
    with pytest.raises(SchemaError) as bad:
        load_schema(file)
    assert bad.value.code == "schema_name"


@pytest.mark.parametrize("how", ["wrong", "right"])
def test_the_password_is_in_no_output_traceback_or_file(tmp_path: Path, neo4j: Probe, how: str) -> None:
    secret = neo4j.password if how == "right" else "geheim-s3cret-口令"
    (tmp_path / "企业.csv").write_text("企业名称,所在市,主营产品\n示例甲公司,枣庄市,隔膜\n", encoding="utf-8")
    ca.load(tmp_path / "w", [tmp_path / "企业.csv"])
    program = "from chainatlas.commands import main; main()"
    said = ""
    for words in (["publish", neo4j.uri], ["pull", neo4j.uri], ["publish", "bolt://127.0.0.1:1"], ["loads"]):
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-c", program, *words, "-w", str(tmp_path / "w"),
             *(["--debug"] if words[0] in ("publish", "pull") else [])],
            env={**os.environ, "NEO4J_PASSWORD": secret}, capture_output=True, text=True, check=False)  # fmt: skip
        said += done.stdout + done.stderr
    assert "Traceback" in said
    assert "bolt://127.0.0.1:1" in said
    assert secret not in said
    files = [file for file in (tmp_path / "w").rglob("*") if file.is_file()]
    assert len(files) > 10
    assert [file.name for file in files if secret.encode() in file.read_bytes()] == []
