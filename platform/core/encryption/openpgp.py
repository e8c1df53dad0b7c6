"""OpenPGP key pairs that pgcrypto takes: RSA, with an encryption subkey.

Version 4 packets as in RFC 4880 and RFC 9580, sections 4 and 5: pgcrypto reads no later version and no other
algorithm than RSA and ElGamal. The primary key certifies, the subkey encrypts; the secret half is not protected by a
passphrase, since the file that holds it is a mounted secret.
"""

import base64
import hashlib
import time
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

BITS: Final = 3072
"""Length of the modulus: 128 bits of security (NIST SP 800-57, part 1, table 2)."""

USER_ID: Final = b"VersBottomLex sealing key"

RSA_ALGORITHM, SHA256_ALGORITHM = 1, 8
SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY, PUBLIC_SUBKEY, USER_ID_TAG, SIGNATURE = 5, 6, 7, 14, 13, 2
POSITIVE_CERTIFICATION, SUBKEY_BINDING = 0x13, 0x18
CERTIFIES, ENCRYPTS = 0x01, 0x0C
CREATED, KEY_FLAGS, ISSUER, ISSUER_FINGERPRINT = 2, 27, 16, 33


def sealing_pair() -> tuple[str, str]:
    """A new pair in ASCII armour: the public and the private half."""
    created = int(time.time())
    primary, subkey = (rsa.generate_private_key(public_exponent=65537, key_size=BITS) for _ in range(2))
    body, sub_body = _public_body(primary, created), _public_body(subkey, created)
    certification = _signature(
        primary,
        body,
        created,
        POSITIVE_CERTIFICATION,
        CERTIFIES,
        b"\xb4" + len(USER_ID).to_bytes(4, "big") + USER_ID,
    )
    binding = _signature(primary, body, created, SUBKEY_BINDING, ENCRYPTS, _hashed_key(sub_body))
    user_id = _packet(USER_ID_TAG, USER_ID)
    public = _packet(PUBLIC_KEY, body) + user_id + certification + _packet(PUBLIC_SUBKEY, sub_body) + binding
    private = (
        _packet(SECRET_KEY, body + _secret_part(primary))
        + user_id
        + certification
        + _packet(SECRET_SUBKEY, sub_body + _secret_part(subkey))
        + binding
    )
    return _armoured("PUBLIC KEY", public), _armoured("PRIVATE KEY", private)


def _packet(tag: int, body: bytes) -> bytes:
    """A packet of the new format with a length of five octets (section 4.2.1)."""
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body


def _integer(value: int) -> bytes:
    """A multiprecision integer (section 3.2)."""
    return value.bit_length().to_bytes(2, "big") + value.to_bytes((value.bit_length() + 7) // 8, "big")


def _public_body(key: rsa.RSAPrivateKey, created: int) -> bytes:
    numbers = key.public_key().public_numbers()
    return (
        b"\x04"
        + created.to_bytes(4, "big")
        + bytes([RSA_ALGORITHM])
        + _integer(numbers.n)
        + _integer(numbers.e)
    )


def _secret_part(key: rsa.RSAPrivateKey) -> bytes:
    """Not encrypted: d, p, q and the inverse of p modulo q, with the sum of their octets (section 5.5.3)."""
    numbers = key.private_numbers()
    p, q = sorted((numbers.p, numbers.q))
    secret = b"".join(map(_integer, (numbers.d, p, q, pow(p, -1, q))))
    return b"\x00" + secret + (sum(secret) & 0xFFFF).to_bytes(2, "big")


def _hashed_key(body: bytes) -> bytes:
    return b"\x99" + len(body).to_bytes(2, "big") + body


def _subpacket(kind: int, content: bytes) -> bytes:
    return bytes([len(content) + 1, kind]) + content


def _signature(
    key: rsa.RSAPrivateKey, body: bytes, created: int, kind: int, flags: int, about: bytes
) -> bytes:
    """A signature of the primary key over itself and a user id or subkey (section 5.2.4)."""
    fingerprint = hashlib.sha1(_hashed_key(body), usedforsecurity=False).digest()
    hashed = (
        _subpacket(CREATED, created.to_bytes(4, "big"))
        + _subpacket(KEY_FLAGS, bytes([flags]))
        + _subpacket(ISSUER_FINGERPRINT, b"\x04" + fingerprint)
    )
    head = bytes([4, kind, RSA_ALGORITHM, SHA256_ALGORITHM]) + len(hashed).to_bytes(2, "big") + hashed
    message = _hashed_key(body) + about + head + b"\x04\xff" + len(head).to_bytes(4, "big")
    signed = int.from_bytes(key.sign(message, padding.PKCS1v15(), hashes.SHA256()), "big")
    unhashed = _subpacket(ISSUER, fingerprint[-8:])
    digest = hashlib.sha256(message).digest()
    return _packet(
        SIGNATURE, head + len(unhashed).to_bytes(2, "big") + unhashed + digest[:2] + _integer(signed)
    )


def _crc24(data: bytes) -> int:
    """The checksum of ASCII armour (section 6.1)."""
    crc = 0xB704CE
    for octet in data:
        crc ^= octet << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return crc & 0xFFFFFF


def _armoured(what: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    checksum = base64.b64encode(_crc24(data).to_bytes(3, "big")).decode()
    return f"-----BEGIN PGP {what} BLOCK-----\n\n{lines}\n={checksum}\n-----END PGP {what} BLOCK-----\n"
