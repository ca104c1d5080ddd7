"""What a machine may lack: such tests skip and say why, or fail where it has to be there.

``CHAINATLAS_REQUIRE`` lists what has to be there: ``neo4j``, ``browser``, ``shared``.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def require(name: str, reason: str) -> NoReturn:
    """Skip for ``reason``, or fail when ``CHAINATLAS_REQUIRE`` asks for ``name``."""
    asked = os.environ.get("CHAINATLAS_REQUIRE", "").replace(",", " ").split()
    if name in asked:
        pytest.fail(f"{reason}; CHAINATLAS_REQUIRE asks for it")
    pytest.skip(reason)
