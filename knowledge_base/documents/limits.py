"""How much of a file is read. What lies beyond is refused with a sentence, not cut off."""

from __future__ import annotations

TEXT_BYTES = 5_000_000
"""md, txt, html: the longest law of the land has under 1 MB."""
FILE_BYTES = 50_000_000
"""docx, pdf, xlsx, csv, JSON."""
ARCHIVE_BYTES = 300_000_000
"""A zip with many files in it."""

PACKAGE_MEMBERS = 2_000
PACKAGE_UNPACKED = 200_000_000
MEMBER_RATIO = 120
"""Unpacked by packed size, for members above `RATIO_FROM`; XML of real texts stays below 30."""
RATIO_FROM = 2_000_000
PARAGRAPHS = 100_000
ARCHIVE_MEMBERS = 20_000
ARCHIVE_UNPACKED = 1_000_000_000

PAGES = 500
ROWS = 100_000
COLUMNS = 256
CELL_CHARACTERS = 32_767
"""What a cell of a spreadsheet holds."""
LINES = 200_000
DEPTH = 200
"""How deep elements of an HTML page may be nested; pages written by people stay below 60."""

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 10
WALL_SECONDS = 20
RESULT_BYTES = 64_000_000
"""What a parser may hand back."""
