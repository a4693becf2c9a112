"""Is it alive, can it serve, how is it doing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest

Check = Callable[[], Awaitable[bool]]


class Metrics:
    """What is counted; labels are fixed words, never anything about a citizen."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._wechat = Counter(
            "minsheng_wechat_events",
            "What happened to pushes and answers on WeChat",
            ["event"],
            registry=self.registry,
        )

    def wechat(self, event: str) -> None:
        """Count one event of the WeChat channel."""
        self._wechat.labels(event=event).inc()


def router(checks: Mapping[str, Check], metrics: Metrics) -> APIRouter:
    """`/healthz`, `/readyz`, `/metrics`."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz(response: Response) -> dict[str, bool]:
        parts = {name: await check() for name, check in checks.items()}
        if not all(parts.values()):
            response.status_code = 503
        return parts

    @routes.get("/metrics", include_in_schema=False)
    async def show_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return routes
