"""Logs without anybody in them: phone numbers and the like are masked before a line is written."""

from __future__ import annotations

import logging
import logging.handlers
import re
from pathlib import Path

from nlu.text.privacy import mask

_LINE_BREAKS = re.compile(r"[\r\n\x1b]+")


class MaskingFormatter(logging.Formatter):
    """Masks the finished line, whatever was put into it; one record is one line."""

    def format(self, record: logging.LogRecord) -> str:
        record.message = _LINE_BREAKS.sub(" ", record.getMessage())
        record.asctime = self.formatTime(record, self.datefmt)
        line = self.formatMessage(record)
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return mask(line)


def configure(data_dir: Path) -> None:
    """Warnings to the terminal, everything to `logs/app.log` (kept for 180 days)."""
    folder = data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    formatter = MaskingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    # 网络安全法: logs are kept for at least six months.
    file = logging.handlers.TimedRotatingFileHandler(
        folder / "app.log", when="midnight", backupCount=183, encoding="utf-8"
    )
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    for handler in (file, terminal):
        handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[file, terminal], force=True)
    # One line for every call, with its address: the openid may be in it.
    logging.getLogger("httpx").setLevel(logging.WARNING)
