"""An independent AS2 partner (pyas2lib) at the other end of a pipe: one JSON request a line, one JSON answer a line."""

import base64
import datetime
import json
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyas2lib import as2

SENT = {}


def identity(name, days):
    """A private key with a certificate that ends so many days from now, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=400))
    builder = builder.not_valid_after(now + datetime.timedelta(days=days))
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return {"key": pem, "certificate": certificate}


def parties(ask):
    """The peer itself, and us as it knows us."""
    own = (ask["own"]["key"] + ask["own"]["certificate"]).encode()
    theirs = ask["theirs"].encode()
    org = as2.Organization(
        as2_name="PEER", sign_key=own, sign_key_pass=None, decrypt_key=own, decrypt_key_pass=None,
        mdn_url=ask.get("mdn_url"), domain="peer.example",
    )
    partner = as2.Partner(
        as2_name="RETAILER", verify_cert=theirs, encrypt_cert=theirs, validate_certs=False,
        **ask.get("partner", {}),
    )
    return org, partner


def raw(ask):
    head = "".join(f"{name}: {value}\r\n" for name, value in ask["headers"].items())
    return head.encode() + b"\r\n" + base64.b64decode(ask["body"])


def out(headers, body):
    return {"headers": headers, "body": base64.b64encode(body).decode()}


def build(ask):
    org, partner = parties(ask)
    message = as2.Message(org, partner)
    message.build(base64.b64decode(ask["data"]), filename="order.edi", content_type=ask["media_type"])
    SENT[message.message_id] = message
    return {"mic": message.mic.decode() if message.mic else None, "message_id": message.message_id,
            **out(message.headers, message.content)}


def parse(ask):
    org, partner = parties(ask)
    message = as2.Message()
    status, (error, trace), mdn = message.parse(
        raw(ask), lambda _: org, lambda _: partner, lambda _id, _partner: ask.get("duplicate", False))
    answer = {"status": status, "error": str(error) if error else None, "trace": trace,
              "mic": message.mic.decode() if message.mic else None,
              "content": base64.b64encode(message.content or b"").decode()}
    if mdn:
        answer["mdn"] = {"url": mdn.mdn_url, **out(mdn.headers, mdn.content)}
    return answer


def parse_mdn(ask):
    mdn = as2.Mdn()
    status, detail = mdn.parse(raw(ask), lambda message_id, _recipient: SENT.get(message_id))
    return {"status": status, "detail": detail}


for line in sys.stdin:
    request = json.loads(line)
    does = {"identity": lambda ask: identity(ask["name"], ask["days"]), "build": build, "parse": parse,
            "parse_mdn": parse_mdn}
    try:
        reply = does[request["do"]](request)
    except Exception as fault:  # the test shows it
        reply = {"fault": repr(fault)}
    print(json.dumps(reply), flush=True)
