"""A proxy in front of a Postgres server that counts protocol messages and does harm at one.

It listens on TCP, speaks to the server's own socket, and knows nothing of modalembic. A message is
known by its connection (in the order in which they come), by what it says, and by how often that
was said before: that is the same in every run, also where a program asks more or fewer questions as
time permits.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Self

from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from tests.crash.protocol import (
    ASKING,
    BACKEND_KEY,
    STARTUP,
    Frames,
    encryption_wanted,
    ends_answer,
    kind,
    text,
)

PATIENCE_SECONDS = 60.0
# Of a long statement the beginning; further on there are times and names of runs.
KEY_LENGTH = 60


class Moment(Enum):
    """When harm is done: before a message is forwarded, after that and before the answer, or when
    the whole answer has come and the client has not had it."""

    BEFORE = "before"
    FORWARDED = "forwarded"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Message:
    """A client's message: on which connection, what it says, how often that was said there by now,
    and whether the client waits for an answer. `key` is what it says without its numbers."""

    connection: int
    key: str
    occurrence: int
    text: str
    asks: bool


@dataclass(frozen=True)
class Point:
    """A moment of a message. Connection 0 stands for all, and counts their messages."""

    connection: int
    key: str
    occurrence: int
    moment: Moment


Harm = Callable[["Proxy", "Link"], None]


class Proxy:
    """Used as a context manager; `url` leads through it. `harm` is done at `point`, once."""

    def __init__(
        self, upstream: DatabaseURL, point: Point | None = None, harm: Harm | None = None
    ) -> None:
        self.upstream = upstream
        self.seen: list[Message] = []
        self.struck = threading.Event()
        self.links: list[Link] = []
        self._point, self._harm = point, harm
        self._victim: int | None = None
        self._victim_known = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # wakes the thread that accepts
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(PATIENCE_SECONDS)
        for link in list(self.links):
            link.close()
            link.join()

    @property
    def url(self) -> str:
        """The URL of the same database through the proxy."""
        port = self._listener.getsockname()[1]
        user, password = self.upstream.user or "postgres", self.upstream.password
        secret = f":{password}" if password else ""
        location = f"127.0.0.1:{port}/{self.upstream.database}"
        return f"postgresql://{user}{secret}@{location}?sslmode=disable&gssencmode=disable"

    @property
    def victim(self) -> int:
        """The process to kill, as soon as it is known."""
        assert self._victim_known.wait(PATIENCE_SECONDS)
        assert self._victim is not None
        return self._victim

    @victim.setter
    def victim(self, pid: int) -> None:
        self._victim = pid
        self._victim_known.set()

    def saw(self, message: Message) -> Moment | None:
        """Notes a client's message, and says when harm is to be done to it, if it is."""
        point = self._point
        with self._lock:
            self.seen.append(message)
            number = len(self.seen)
        if point is None:
            return None
        if point.connection == 0:
            return point.moment if point.occurrence == number else None
        is_meant = (point.connection, point.key, point.occurrence) == (
            message.connection,
            message.key,
            message.occurrence,
        )
        return point.moment if is_meant else None

    def strike(self, link: Link) -> None:
        """Does the harm."""
        if self._harm is not None and not self.struck.is_set():
            self._harm(self, link)
            self.struck.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            link = Link(self, len(self.links) + 1, client)
            self.links.append(link)
            link.start()


class Link:
    """One connection through the proxy, with a thread for each direction."""

    def __init__(self, proxy: Proxy, number: int, client: socket.socket) -> None:
        self.number = number
        self.backend: int | None = None
        self._proxy = proxy
        self._client = client
        self._server: socket.socket | None = None
        self._said: Counter[str] = Counter()
        self._parsed = ""  # what the last message of its kind prepares
        # While it holds, answers are kept here instead of reaching the client.
        self._held: bytearray | None = None
        self._strikes_on_answer = False
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to forward."""
        self._threads = [threading.Thread(target=self._from_client, daemon=True)]
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._server = _open(self._proxy.upstream)
        except OSError:
            self._client.close()
            return
        self._threads.append(threading.Thread(target=self._from_server, daemon=True))
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Cut the connection on both sides."""
        for end in (self._client, self._server):
            if end is not None:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        """Wait until nothing is forwarded any more."""
        for thread in self._threads:
            if thread is not threading.current_thread() and thread.ident is not None:
                thread.join(PATIENCE_SECONDS)
        for end in (self._client, self._server):
            if end is not None:
                end.close()

    def _from_client(self) -> None:
        frames = Frames(typed=False)
        with suppress(OSError):
            while data := self._client.recv(65536):
                for message in frames.feed(data):
                    if encryption_wanted(message) is not None:
                        self._client.sendall(b"N")
                    else:
                        self._forward(message)
        self.close()

    def _forward(self, message: bytes) -> None:
        assert self._server is not None
        moment = self._proxy.saw(self._known(message))
        if moment is Moment.BEFORE:
            self._proxy.strike(self)
        elif moment is not None:
            with self._lock:
                self._held = bytearray()
                self._strikes_on_answer = moment is Moment.ANSWERED
        self._server.sendall(message)
        if moment is Moment.FORWARDED:
            self._proxy.strike(self)
            self._release()

    def _known(self, message: bytes) -> Message:
        letter = kind(message, first=not self._said)
        said = text(message, letter)
        if letter == "P":
            self._parsed = said
        elif letter not in {"Q", STARTUP}:
            said = f"{letter} of {self._parsed}"
        key = re.sub(r"\d+", "#", " ".join(said.split()))[:KEY_LENGTH]
        self._said[key] += 1
        return Message(self.number, key, self._said[key], said, letter in ASKING)

    def _from_server(self) -> None:
        assert self._server is not None
        frames = Frames(typed=True)
        with suppress(OSError):
            while data := self._server.recv(65536):
                answered = False
                for message in frames.feed(data):
                    if message[0] == BACKEND_KEY:
                        (self.backend,) = struct.unpack_from("!i", message, 5)
                    answered = answered or ends_answer(message)
                self._hand_on(data, answered=answered)
        # What was held is lost only with a connection that is cut.
        with suppress(OSError):
            self._release()
        self.close()

    def _hand_on(self, data: bytes, *, answered: bool) -> None:
        with self._lock:
            if self._held is None:
                self._client.sendall(data)
                return
            self._held += data
            strikes = answered and self._strikes_on_answer
        if strikes:
            self._proxy.strike(self)
            self._release()

    def _release(self) -> None:
        with self._lock:
            held, self._held = self._held, None
            self._strikes_on_answer = False
            if held:
                self._client.sendall(held)


def cut(_proxy: Proxy, link: Link) -> None:
    """The connection breaks."""
    link.close()


def cut_others(proxy: Proxy, link: Link) -> None:
    """Every other connection of the process breaks, such as the one that holds the run's lock."""
    for other in proxy.links:
        if other is not link:
            other.close()


def kill(proxy: Proxy, link: Link) -> None:
    """The process is killed with SIGKILL, and all of its connections end with it."""
    os.kill(proxy.victim, signal.SIGKILL)
    for each in proxy.links:
        each.close()


def terminate(proxy: Proxy, link: Link) -> None:
    """An administrator ends the backend; what it had to say still reaches the client."""
    with connect(proxy.upstream.with_database("postgres")) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", [link.backend])
        end = time.monotonic() + PATIENCE_SECONDS
        alive = "SELECT FROM pg_stat_activity WHERE pid = %s"
        while admin.execute(alive, [link.backend]).fetchone() is not None:
            assert time.monotonic() < end, "the backend does not end"
            time.sleep(0.002)


def _open(url: DatabaseURL) -> socket.socket:
    (host,) = url.hosts
    port = host.port or 5432
    if host.is_socket:
        opened = socket.socket(socket.AF_UNIX)
        try:
            opened.connect(f"{host.name}/.s.PGSQL.{port}")
        except OSError:
            opened.close()
            raise
        return opened
    opened = socket.create_connection((host.name or "localhost", port))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened
