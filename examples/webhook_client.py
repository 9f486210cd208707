"""A small client of a Kuaihui webhook channel: sends what a buyer says, signed, and shows the replies that come back, verified.

Only the standard library is needed. Set up the channel first (the secret is shown once), with the address where this client
listens; a server on the same machine needs KUAIHUI_PRIVATE_SOURCES=127.0.0.1 to send to it:

    kuaihui channel add --shop SHOP --kind webhook --id sample --url http://127.0.0.1:9100/ --set vouches=true
    python examples/webhook_client.py --server http://127.0.0.1:8000 --shop SHOP --channel sample --secret SECRET 有货吗

Without words on the command line every line of standard input is sent.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WINDOW = 300
"""Seconds that the sender's clock may be off; what is older may have been overheard."""
LARGEST = 32 * 1024 * 1024


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a request: HMAC-SHA256 over the timestamp, a full stop and the body."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_genuine(secret: str, headers: Any, body: bytes, now: float) -> bool:
    """Whether a request was signed with the secret, a short while ago."""
    timestamp, given = headers.get("X-Kuaihui-Timestamp", ""), headers.get("X-Kuaihui-Signature", "")
    if not (timestamp.isascii() and timestamp.isdecimal()) or abs(now - int(timestamp)) > WINDOW:
        return False
    return hmac.compare_digest(sign(secret, timestamp, body).encode(), given.encode("utf-8", "replace"))


def send(address: str, secret: str, document: dict[str, Any], attempts: int = 6) -> dict[str, Any]:
    """Post the document until it is taken; the same id again is written once. Raises RuntimeError with the answer."""
    body = json.dumps(document, ensure_ascii=False).encode()
    for attempt in range(attempts):
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Kuaihui-Timestamp": timestamp,
            "X-Kuaihui-Signature": sign(secret, timestamp, body),
        }
        request = urllib.request.Request(address, body, headers)  # noqa: S310 - the address is the operator's own
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                taken: dict[str, Any] = json.load(answer)
                return taken
        except urllib.error.HTTPError as error:
            told = error.read().decode("utf-8", "replace")
            if error.code < 500 and error.code != 429:
                raise RuntimeError(f"{error.code}: {told}") from None
        except OSError as error:
            told = str(error)
        print(f"not taken yet ({told}); trying again", file=sys.stderr)
        time.sleep(min(2**attempt, 30))
    raise RuntimeError(f"given up after {attempts} attempts")


class Replies(ThreadingHTTPServer):
    """Takes what the shop says. What came once, by its key, is shown once."""

    def __init__(self, port: int, secret: str) -> None:
        super().__init__(("127.0.0.1", port), _Taker)
        self.secret = secret
        self.seen: set[str] = set()
        self.came = threading.Event()
        self.lock = threading.Lock()

    def take(self, key: str, document: dict[str, Any]) -> None:
        """Show a document that was not seen before."""
        with self.lock:
            if key in self.seen:
                return
            self.seen.add(key)
        if document["type"] == "message":
            by = "auto" if document["automatic"] else "agent"
            print(f"[{by}] {document['text'] or '(image)'}", flush=True)
            self.came.set()
        elif document["type"] == "status":
            why = f" ({document['reason']})" if document.get("reason") else ""
            print(f"[status] {document['status']}{why}", flush=True)


class _Taker(BaseHTTPRequestHandler):
    server: Replies

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST:
            self._answer(413, {})
            return
        body = self.rfile.read(length)
        if not is_genuine(self.server.secret, self.headers, body, time.time()):
            self._answer(401, {})
            return
        key = self.headers.get("Idempotency-Key", "")
        self.server.take(key, json.loads(body))
        self._answer(200, {"id": f"sample-{key}"})

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the screen for the conversation."""


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--server", default="http://127.0.0.1:8000", help="where Kuaihui is reached")
    parser.add_argument("--shop", required=True)
    parser.add_argument("--channel", required=True, help="the channel's id")
    parser.add_argument(
        "--secret", default=os.environ.get("KUAIHUI_CHANNEL_SECRET", ""), help="or KUAIHUI_CHANNEL_SECRET"
    )
    parser.add_argument("--listen", type=int, default=9100, help="port of this machine where replies arrive")
    parser.add_argument("--buyer", default="sample-buyer", help="the buyer's id in your system")
    parser.add_argument("--viewed", default="", help="id of the item or product that the buyer looks at")
    parser.add_argument(
        "--wait", type=float, default=15.0, help="seconds to wait for a reply after each message"
    )
    parser.add_argument("words", nargs="*", help="what the buyer says; without it, lines of standard input")
    found = parser.parse_args(arguments)
    if not found.secret:
        parser.error("--secret: the channel's secret, shown when it was set up")
    return found


def talk(given: argparse.Namespace, words: Iterable[str]) -> None:
    """Send each of the buyer's messages and show what comes back."""
    address = f"{given.server.rstrip('/')}/channels/{given.shop}/{given.channel}"
    with Replies(given.listen, given.secret) as replies:
        threading.Thread(target=replies.serve_forever, daemon=True).start()
        for text in words:
            if not text.strip():
                continue
            replies.came.clear()
            buyer = {"id": given.buyer, "viewed": given.viewed}
            document = {"type": "message", "id": uuid.uuid4().hex, "buyer": buyer, "text": text.strip()}
            print(f"[buyer] {text.strip()}", flush=True)
            taken = send(address, given.secret, document)
            place = taken["events"][0]
            print(f"        taken as message {place['message']} of {place['conversation']}", flush=True)
            replies.came.wait(given.wait)
        replies.shutdown()


def main() -> None:
    """Run the client."""
    given = options()
    try:
        talk(given, given.words or sys.stdin)
    except (RuntimeError, OSError) as error:
        sys.exit(f"webhook_client: {error}")


if __name__ == "__main__":
    main()
