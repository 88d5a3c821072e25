"""Puts tests/ on the path: what several test folders use stands here."""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
