"""Fetch the vendored ECharts again from npm: ``python refresh.py [version]``.

The page carries ECharts inside itself, so the file is kept in the repository. This script is the
only way it gets there: it asks ``npm pack`` for the published package, checks the package against
the integrity value of the registry, and takes the minified file with its licence and notice.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

VERSION = "6.1.0"
TAKEN = {
    "package/dist/echarts.min.js": "echarts.min.js",
    "package/LICENSE": "echarts.LICENSE.txt",
    "package/NOTICE": "echarts.NOTICE.txt",
}


def refresh(folder: Path, version: str = VERSION) -> dict[str, Any]:
    """Write the ECharts files of one version into a folder.

    Parameters
    ----------
    folder : Path
        The folder that receives the files.
    version : str
        A version published on npm.

    Returns
    -------
    dict
        What ``versions.json`` records: name, version, date of fetching, licence, integrity, SHA-256 of each file.

    Raises
    ------
    ValueError
        If the package does not match the integrity value of the registry.
    """
    name = f"echarts@{version}"
    expected = _npm("view", name, "dist.integrity")
    with tempfile.TemporaryDirectory() as temporary:
        archive = Path(temporary) / _npm("pack", name, "--silent", cwd=temporary).splitlines()[-1]
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != expected:
            raise ValueError(f"{name}: the package is not the published one; nothing was written")
        with tarfile.open(archive) as package:
            for member, target in TAKEN.items():
                source = package.extractfile(member)
                if source is None:
                    raise ValueError(f"{name}: {member} is missing; nothing can be vendored")
                (folder / target).write_bytes(source.read())
    record = {
        "name": "echarts",
        "version": version,
        "date": datetime.date.today().isoformat(),
        "licence": "Apache-2.0",
        "package": f"https://registry.npmjs.org/echarts/-/echarts-{version}.tgz",
        "integrity": expected,
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(TAKEN.values())},
    }
    text = json.dumps(record, indent=2) + "\n"
    (folder / "versions.json").write_text(text, encoding="utf-8", newline="\n")
    return record


def _npm(*arguments: str, cwd: str | None = None) -> str:
    """Run npm and return what it printed."""
    done = subprocess.run(["npm", *arguments], cwd=cwd, check=True, capture_output=True, text=True, encoding="utf-8")
    return done.stdout.strip()


if __name__ == "__main__":
    found = refresh(Path(__file__).parent, *sys.argv[1:2])
    sys.stdout.write(f"{found['name']} {found['version']} {found['files']['echarts.min.js'][:16]}\n")
