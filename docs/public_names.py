"""Write ``app/__init__.pyi``: the public names of the table of questions, as type checkers and editors read them.

make docs        writes it; a test fails when it is not current
"""

from __future__ import annotations

from pathlib import Path

import chainatlas

STUB = Path(__file__).parents[1] / "app" / "__init__.pyi"


def stub() -> str:
    """Return the text of the stub."""
    names: dict[str, list[str]] = {}
    for public, home in chainatlas.homes().items():
        module, _, own = home.partition(":")
        names.setdefault(module, []).append(f"{own} as {public}")
    lines = ['"""Public names; written by docs/public_names.py from the table of questions."""', ""]
    for module, taken in sorted(names.items()):
        lines += [f"from .{module} import {one}" for one in sorted(taken)]
    lines += ["", "__version__: str", "__all__ = ["]
    lines += [f'    "{public}",' for public in sorted(chainatlas.homes())]
    return "\n".join([*lines, "]", "", "def homes() -> dict[str, str]: ...", ""])


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8", newline="\n")
