"""WeChat's message encryption, written from its description (消息加解密说明), not from wechatpy."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32


def signature(*parts: str) -> str:
    """SHA-1 over the parts in dictionary order."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal(aes_key: str, appid: str, words: str) -> str:
    """AES-CBC over 16 random bytes, the length, the words, the appid, PKCS#7 to 32 bytes."""
    message = words.encode()
    full = secrets.token_bytes(16) + len(message).to_bytes(4, "big") + message + appid.encode()
    padding = _BLOCK - len(full) % _BLOCK
    encryptor = _cipher(aes_key).encryptor()
    sealed = encryptor.update(full + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def unseal(aes_key: str, appid: str, sealed: str) -> str:
    """The words; `ValueError` for anything that WeChat would not take."""
    decryptor = _cipher(aes_key).decryptor()
    full = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
    padding = full[-1] if full else 0
    if not 1 <= padding <= _BLOCK or full[-padding:] != bytes([padding]) * padding:
        raise ValueError("wrong padding")
    length = int.from_bytes(full[16:20], "big")
    message, sender = full[20 : 20 + length], full[20 + length : -padding]
    if sender != appid.encode():
        raise ValueError("wrong appid")
    return message.decode()


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
