"""Short secrets that must be read again: kept so that nobody reads them without the secret key of the website."""

import secrets
from base64 import b64decode, b64encode
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = "aes256gcm:"
"""Before what was sealed."""
NONCE, KEY = 12, 32
"""Bytes: of chance beside each secret, as NIST SP 800-38D advises, and of the key of AES-256."""


def seal(secret: str, key: str, about: str) -> str:
    """As the database keeps it: of no use for anything else than `about`. As it is where the website has no lasting key."""
    if not key:
        return secret
    nonce = secrets.token_bytes(NONCE)
    return MARK + b64encode(nonce + _cipher(key).encrypt(nonce, secret.encode(), about.encode())).decode()


def unseal(kept: str, key: str, about: str) -> str | None:
    """The secret, also one that was kept as it is; None where it was sealed with another key or for something else."""
    if not kept.startswith(MARK):
        return kept
    raw = b64decode(kept.removeprefix(MARK))
    try:
        return _cipher(key).decrypt(raw[:NONCE], raw[NONCE:], about.encode()).decode()
    except InvalidTag:
        return None


@cache
def _cipher(key: str) -> AESGCM:
    """With a key for this alone, so that what signs sessions reads no secrets (HKDF, RFC 5869)."""
    return AESGCM(HKDF(SHA256(), KEY, salt=None, info=b"kennismakelaar vault").derive(key.encode()))
