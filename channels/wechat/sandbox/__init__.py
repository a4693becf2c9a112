"""A WeChat to test against: it pushes as WeChat does, serves its interfaces, and keeps the rules.

    sandbox = Sandbox(Identity(appid, token, aes_key), "http://127.0.0.1:8000/wechat")
    async with sandbox:
        phone = sandbox.citizen()
        print(await phone.says("路灯坏了"))
    assert not sandbox.log.breaches

It shares no code with the channel, so that a mistake in one is not hidden by the same in the other.
"""

from channels.wechat.sandbox.api import Api, Fault
from channels.wechat.sandbox.identity import Identity, Mode
from channels.wechat.sandbox.protocol import Breach, Entry, ProtocolLog, Rule
from channels.wechat.sandbox.world import Pace, Phone, Sandbox, Seen

__all__ = [
    "Api",
    "Breach",
    "Entry",
    "Fault",
    "Identity",
    "Mode",
    "Pace",
    "Phone",
    "ProtocolLog",
    "Rule",
    "Sandbox",
    "Seen",
]
