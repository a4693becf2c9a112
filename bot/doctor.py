"""`python -m bot doctor`: what is missing, in a person's words, with what to type."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.prepare import model_fingerprint
from bot.rasa_server import rasa_python
from bot.settings import ROOT, Settings

_DISK_LOW = 0.1
_MEMORY_WANTED_MB = 1800


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    good: bool
    text: str
    serious: bool = True
    """False: worth knowing, but it runs without."""

    def __str__(self) -> str:
        mark = "✓" if self.good else ("✗" if self.serious else "!")
        return f"{mark} {self.text}"


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that can be told without starting anything."""
    return [
        *_environments(),
        *_model(settings),
        *_machine(settings),
        *_ports(settings),
        *_wechat(settings),
        *_redis(settings),
    ]


def _environments() -> Iterator[Finding]:
    yield Finding(True, "应用环境 .venv 可用")
    if rasa_python().exists():
        yield Finding(True, "Rasa 环境 .venv-rasa 可用")
    else:
        yield Finding(False, "没有 Rasa 环境：请运行 make setup")


def _model(settings: Settings) -> Iterator[Finding]:
    trained = settings.data_dir / "models" / f"dialogue-{model_fingerprint()}.tar.gz"
    if trained.exists():
        yield Finding(True, "对话模型是最新的")
    else:
        yield Finding(False, "对话模型还没有训练：make run 会自动训练，约一分钟", serious=False)


def _machine(settings: Settings) -> Iterator[Finding]:
    at = settings.data_dir if settings.data_dir.exists() else ROOT
    usage = shutil.disk_usage(at)
    free = usage.free / usage.total
    free_gb = usage.free / 1e9
    yield Finding(
        free > _DISK_LOW or free_gb > 5, f"数据所在的磁盘还有 {free_gb:.0f} GB（{free:.0%}）空闲"
    )
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    yield Finding(
        total >= _MEMORY_WANTED_MB,
        f"内存共 {total:.0f} MB，空闲 {pages:.0f} MB（运行约需 {_MEMORY_WANTED_MB} MB）",
        serious=False,
    )
    if settings.data_dir.exists() and settings.data_dir.stat().st_mode & 0o077:
        yield Finding(False, f"别的用户能看到数据目录：请运行 chmod 700 {settings.data_dir}")


def _ports(settings: Settings) -> Iterator[Finding]:
    for name, port in (("应用", settings.port), ("Rasa", settings.rasa_port)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                yield Finding(
                    False,
                    f"{name}端口 {port} 已被占用（如果民声正在运行，这是正常的）",
                    serious=False,
                )
            else:
                yield Finding(True, f"{name}端口 {port} 空闲")


def _wechat(settings: Settings) -> Iterator[Finding]:
    if not settings.wechat_appid:
        yield Finding(
            False, "还没有填公众号的配置，微信收不到消息（见 README「接入公众号」）", serious=False
        )
        return
    if not settings.wechat_token.get_secret_value():
        yield Finding(False, "填了 AppID，没填 MINSHENG_WECHAT_TOKEN")
    if len(settings.wechat_aes_key.get_secret_value()) != 43:
        yield Finding(False, "MINSHENG_WECHAT_AES_KEY 应是 43 个字符（公众号后台「安全模式」）")
    if settings.wechat_plain_allowed:
        yield Finding(False, "明文模式开着：谁都能冒充群众，正式使用前请关掉 WECHAT_PLAIN_ALLOWED")
    base = urlsplit(settings.wechat_api_base)
    if base.scheme != "https" and base.hostname not in ("127.0.0.1", "localhost", "::1"):
        yield Finding(False, "MINSHENG_WECHAT_API_BASE 必须是 https")
    if settings.wechat_customer_service and not settings.wechat_secret.get_secret_value():
        yield Finding(False, "开了客服消息，还要填 MINSHENG_WECHAT_SECRET")


def _redis(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url:
        yield Finding(True, "没有配置 Redis：单机运行不需要")
        return
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        Redis.from_url(settings.redis_url, socket_connect_timeout=3).ping()
    except (RedisError, ValueError):
        yield Finding(False, "连不上 MINSHENG_REDIS_URL 里的 Redis")
    else:
        yield Finding(True, "Redis 连得上")
