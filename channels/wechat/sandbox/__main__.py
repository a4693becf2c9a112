"""`python -m channels.wechat.sandbox chat`: a citizen's WeChat in the terminal."""

from __future__ import annotations

import argparse
import asyncio
import sys

from channels.wechat.sandbox.chat import OPENID, Options, chat
from channels.wechat.sandbox.identity import Mode


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m channels.wechat.sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    talk = commands.add_parser("chat", help="和正在运行的机器人对话（可以用管道送入一段脚本）")
    talk.add_argument("--url", help="机器人的回调地址（默认是本机的，端口取 MINSHENG_PORT）")
    talk.add_argument("--api-port", type=int, help="沙箱接口的端口（默认取 WECHAT_API_BASE 的）")
    talk.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.SAFE.value)
    talk.add_argument("--openid", default=OPENID, help="用哪个 openid")
    talk.add_argument("--no-customer-service", action="store_true", help="账号不能主动发消息")
    given = parser.parse_args(arguments)
    options = Options(
        url=given.url,
        api_port=given.api_port,
        mode=Mode(given.mode),
        openid=given.openid,
        has_customer_service=not given.no_customer_service,
    )
    return asyncio.run(chat(options))


if __name__ == "__main__":
    sys.exit(main())
