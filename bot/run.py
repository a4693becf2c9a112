"""`python -m bot run`: Rasa and the app, started together, stopped together."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable

import uvicorn
import uvloop

from bot import prepare, wechat
from bot.app import running
from bot.rasa_server import RasaServer, rasa_environment
from bot.settings import Settings

_STARTED = time.monotonic()


def say(text: str) -> None:
    """One line of progress, with the seconds since the start."""
    sys.stdout.write(f"[{time.monotonic() - _STARTED:5.1f} s] {text}\n")
    sys.stdout.flush()


class _Server(uvicorn.Server):
    """uvicorn, but signals are ours: they stop both processes."""

    def install_signal_handlers(self) -> None:
        """Left to `serve`."""


async def serve(settings: Settings, say: Callable[[str], None] = say) -> int:
    """Prepare, start both, print the addresses, wait for Ctrl-C."""
    say("整理数据库表……")
    await asyncio.to_thread(prepare.migrate, settings)
    model = await prepare.model(settings, say)
    say("启动 Rasa……")
    rasa = RasaServer(
        model,
        settings.rasa_port,
        rasa_environment(
            settings.kept_secret("rasa"), app_port=settings.port, data_dir=settings.data_dir
        ),
        settings.data_dir / "logs" / "rasa.log",
    )
    await rasa.start()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    try:
        async with running(settings, rasa, say) as service:
            config = uvicorn.Config(
                service.app,
                host=settings.host,
                port=settings.port,
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=10,
                server_header=False,
                # Whose word counts about who asks and whether it was over https.
                forwarded_allow_ips=",".join(filter(None, ("127.0.0.1", settings.trusted_proxies))),
            )
            server = _Server(config)
            serving = asyncio.create_task(server.serve())
            announced = asyncio.create_task(
                _announce(settings, rasa, server, service.first_password, say)
            )
            await asyncio.wait(
                (serving, asyncio.create_task(stop.wait())), return_when=asyncio.FIRST_COMPLETED
            )
            announced.cancel()
            server.should_exit = True
            await serving
            say("正在停止……")
        return 0 if stop.is_set() else 1
    finally:
        await rasa.stop()
        say("已停止")


async def _announce(
    settings: Settings,
    rasa: RasaServer,
    server: uvicorn.Server,
    first_password: str | None,
    say: Callable[[str], None],
) -> None:
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.1)
    base = f"http://{settings.host}:{settings.port}"
    say(f"应用已就绪：{base}/")
    await rasa.is_ready.wait()
    say("Rasa 已就绪，可以开始了")
    lines = [
        f"  网页对话   {base}/",
        f"  后台       {base}/staff",
        f"  接口文档   {base}/docs",
        f"  微信回调   {base}/wechat" + ("" if settings.wechat_appid else "（还没有配置公众号）"),
        "按 Ctrl-C 停止",
    ]
    if first_password is not None:
        lines.insert(
            2, f"             第一次登录：用户名 admin，密码 {first_password}（只显示这一次）"
        )
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


def run(settings: Settings) -> None:
    """Run until stopped; the exit code says whether that was wanted."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            code = runner.run(serve(settings))
    except (prepare.TrainingFailed, wechat.Misconfigured) as failure:
        sys.exit(str(failure))
    sys.exit(code)
