"""Puts the network guard into a Python that a test starts: Python runs this file when its folder is on PYTHONPATH."""

import guard

guard.install()
