"""What operations.py stands on: checks, local files, the emulator seen from outside, and a server that it calls back."""
import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from wcs.commons import util
from wcs.services.client import Client

MEBIBYTE = 1024 * 1024
BUCKET, OTHER = "media", "archive"

# In the order in which they are called; each takes the service, and raises when something is wrong.
operations = []


def operation(function):
    operations.append(function)
    return function


# The emulator is on this machine, whatever proxy the surroundings name.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def ok(result):
    """The body of an answer that has to be a success, with an id of its request."""
    equal((result[0], len(result)), (200, 3))
    if not result[2]["x-reqid"]:
        raise AssertionError("the answer has no x-reqid")
    return result[1]


def refused(result, status):
    """An answer of management or of mkfile that has to be an error."""
    equal((result[0], result[1]["code"]), (status, str(status)))


def fields(text):
    """The pairs of a form upload's answer: Base64 of a query."""
    return dict(urllib.parse.parse_qsl(decoded(text), strict_parsing=True))


def decoded(text):
    return base64.urlsafe_b64decode(text).decode()


class Recorder:
    """A client that remembers which of its methods were called."""

    def __init__(self, config, called):
        self._client = Client(config)
        self._called = called

    def __getattr__(self, name):
        self._called.add(name)
        return getattr(self._client, name)


class Service:
    """The emulator, a client of the official SDK, and what should be stored by now."""

    def __init__(self, config, download_url, folder):
        self.config = config
        self.download_url = download_url
        self.folder = folder
        self.called = set()
        self.client = Recorder(config, self.called)
        self.kept = {}

    def new_client(self):
        return Recorder(self.config, self.called)

    @contextlib.contextmanager
    def options(self, **values):
        """Options for a while; there is one Config in a process."""
        before = {name: getattr(self.config, name) for name in values}
        for name, value in values.items():
            self.config.update_option(name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                self.config.update_option(name, value)

    def file(self, content):
        """A local file; a number stands for as many bytes, the same ones each time."""
        if isinstance(content, int):
            content = random.Random(content).randbytes(content)
        path = os.path.join(self.folder, hashlib.sha1(content).hexdigest())
        with open(path, "wb") as file:
            file.write(content)
        return path

    def url(self, bucket, key):
        return f"{self.download_url.replace('{bucket}', bucket)}/{urllib.parse.quote(key)}"

    def content(self, bucket, key):
        with opener.open(self.url(bucket, key)) as response:
            return response.read()

    def stored(self, bucket, key, path):
        """What the key holds is this file, by its bytes, its size and the SDK's own etag."""
        with open(path, "rb") as file:
            content = file.read()
        if self.content(bucket, key) != content:
            raise AssertionError(f"{bucket}:{key} holds other bytes than {path}")
        stat = ok(self.client.stat(bucket, key))
        equal((stat["name"], stat["fsize"], stat["hash"]), (key, len(content), util.etag(path)))
        self.kept[bucket, key] = path
        return stat

    def gone(self, bucket, key):
        refused(self.client.stat(bucket, key), 404)
        with contextlib.suppress(urllib.error.HTTPError):
            self.content(bucket, key)
            raise AssertionError(f"{bucket}:{key} can still be downloaded")
        self.kept.pop((bucket, key), None)

    def put(self, bucket, key, content=11):
        """Stores an object for the operations that need one."""
        path = self.file(content)
        with self.options(overwrite=1):
            ok(self.client.simple_upload(path, bucket, key))
        self.stored(bucket, key, path)
        return path

    def remove(self, bucket, *keys):
        for key in keys:
            ok(self.client.delete(bucket, key))
            self.kept.pop((bucket, key), None)


def task(status, started):
    """Waits for the end of a task, and returns its items; it has ended when its code is 3 or above."""
    identity = ok(started)["persistentId"]
    while True:
        answer = ok(status(identity))
        equal(answer["id"], identity)
        if answer["code"] >= 3:
            return answer["items"]
        time.sleep(0.05)


def succeeded(status, started, count=1):
    items = task(status, started)
    equal([(item["code"], item["error"]) for item in items], [(3, None)] * count)
    return items


class Callbacks(http.server.ThreadingHTTPServer):
    """A server that keeps what it is sent if the signature is right, and answers as it is told."""

    daemon_threads = True

    def __init__(self, config, answer):
        self.config = config
        self.answer = json.dumps(answer).encode()
        self.received = []
        self.arrived = threading.Event()
        super().__init__(("127.0.0.1", 0), Callback)
        self.url = f"http://127.0.0.1:{self.server_port}/callback?a=1"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Callback(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        digest = hmac.new(server.config.secret_key.encode(), f"{server.url}\n{body}".encode(), hashlib.sha1).hexdigest()
        expected = f"{server.config.access_key}:{base64.urlsafe_b64encode(digest.encode()).decode()}"
        right = self.headers["Authorization"] == expected
        if right:
            server.received.append(decoded(body))
        self.send_response(200 if right else 401)
        self.send_header("Content-Length", str(len(server.answer)))
        self.end_headers()
        self.wfile.write(server.answer)
        server.arrived.set()

    def log_message(self, *_):
        pass
