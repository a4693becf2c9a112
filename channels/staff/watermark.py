"""Who looks at a page, written faintly across it: it deters, no more."""

from __future__ import annotations

import base64
from datetime import datetime
from html import escape


def watermark(name: str, staff_number: str, now: datetime) -> str:
    """An SVG tile as a data URI: name, last four of the staff number, time."""
    text = escape(f"{name} {staff_number[-4:]} {now:%m-%d %H:%M}".replace("  ", " "))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="170">'
        '<text x="20" y="130" transform="rotate(-22 20 130)" font-size="15" '
        f'font-family="sans-serif" fill="#1b2a3d" fill-opacity="0.07">{text}</text></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
