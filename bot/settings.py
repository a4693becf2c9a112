"""Every setting, with its meaning; read from the environment or `.env` (see docs/settings.md)."""

from __future__ import annotations

import ipaddress
import os
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Prefix `MINSHENG_`; a field's description is what docs/settings.md says of it."""

    model_config = SettingsConfigDict(
        env_prefix="MINSHENG_", env_file=".env", extra="ignore", frozen=True
    )

    host: str = Field("127.0.0.1", description="应用监听的地址；前面有反向代理时保持默认")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, description="应用的端口")
    rasa_port: Annotated[int, Field(ge=1, le=65535)] = Field(
        5005, description="Rasa 的端口，只监听本机回环地址"
    )
    data_dir: Path = Field(Path("var"), description="数据目录：数据库、索引、模型、密钥")
    database_url: str = Field(
        "", description="数据库；不填用数据目录里的 SQLite，也可以是 postgresql+psycopg://…"
    )
    redis_url: str = Field("", description="Redis；不填则在进程内共享微信 access_token")
    encoder: str = Field(
        "", description="句向量模型：本地路径或模型名；不填用自带的，填 none 只用词语检索"
    )
    service_token: SecretStr = Field(
        SecretStr(""), description="诉求接口的令牌；不填则首次启动时生成，存在数据目录"
    )
    admin_password: SecretStr = Field(
        SecretStr(""),
        description="后台第一个管理员 admin 的初始密码；不填则首次启动时生成并打印一次",
    )
    staff_networks: str = Field(
        "", description="哪些地址可以打开后台：IP 或网段，逗号隔开；不填则不限"
    )
    trusted_proxies: str = Field("", description="前面的反向代理的地址或网段；只信它们说的来访地址")
    wechat_appid: str = Field("", description="公众号 AppID")
    wechat_original_id: str = Field("", description="公众号原始 ID（gh_ 开头）；填了就核对")
    wechat_secret: SecretStr = Field(SecretStr(""), description="公众号 AppSecret")
    wechat_token: SecretStr = Field(SecretStr(""), description="公众号「服务器配置」里的 Token")
    wechat_aes_key: SecretStr = Field(
        SecretStr(""), description="公众号「服务器配置」里的 EncodingAESKey"
    )
    wechat_previous_token: SecretStr = Field(
        SecretStr(""), description="更换 Token 期间的旧值，换完清空"
    )
    wechat_previous_aes_key: SecretStr = Field(
        SecretStr(""), description="更换 EncodingAESKey 期间的旧值，换完清空"
    )
    wechat_api_base: str = Field(
        "https://api.weixin.qq.com", description="微信接口地址；测试时指向本机的模拟平台"
    )
    wechat_customer_service: bool = Field(
        False, description="账号是否有客服消息权限（认证服务号 true，未认证订阅号 false）"
    )
    wechat_plain_allowed: bool = Field(
        False, description="是否接受明文模式的推送；明文不保护内容，只许开发时打开"
    )
    wechat_deadline: Annotated[float, Field(gt=0, lt=5)] = Field(
        4.5, description="等答复的秒数，超过就改走后送；微信 5 秒断开"
    )
    wechat_replay_window: Annotated[int, Field(ge=60)] = Field(
        300, description="推送时间戳允许的偏差（秒）"
    )
    rasa_timeout: Annotated[float, Field(gt=0)] = Field(
        20.0, description="等 Rasa 回一句话的秒数，超过按故障处理"
    )
    pause: Annotated[float, Field(ge=0, le=1.5)] = Field(
        0.5, description="连着发来的几条短消息，隔多少秒以内算一句话；0 为逐条答复"
    )
    python310: str = Field("", description="给 Rasa 用的 Python 3.10 路径；不填自动查找")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return (ROOT / value).resolve()

    @field_validator("staff_networks", "trusted_proxies")
    @classmethod
    def _addresses(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            ipaddress.ip_network(part, strict=False)
        return value

    @property
    def database(self) -> str:
        """The database's address, the embedded one unless another is configured."""
        return self.database_url or f"sqlite:///{self.data_dir / 'minsheng.db'}"

    def kept_secret(self, name: str) -> str:
        """A random secret made on first use and kept in the data directory, readable by us only."""
        path = self.data_dir / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(32))
        except FileExistsError:
            pass
        return path.read_text().strip()

    @property
    def token(self) -> str:
        """The case API's bearer token."""
        return self.service_token.get_secret_value() or self.kept_secret("service-token")
