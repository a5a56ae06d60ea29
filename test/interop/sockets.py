"""Clients and servers on the kernel's sockets, and streams that can be told from any other."""

import hashlib
import os
import random
import socket
import threading

from programs import PATIENCE

SEED = int(os.environ.get("WEIR_SEED", "1"))


def pseudo_random(size, salt=0):
    return random.Random(SEED + salt).randbytes(size)


def connect(namespace, address, port, timeout=2 * PATIENCE):
    with namespace.entered():
        connection = socket.create_connection((address, port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def listen(namespace, address, port):
    with namespace.entered():
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, port), family=family, backlog=4096)
    listener.settimeout(2 * PATIENCE)
    return listener


def read_all(connection):
    """Everything up to the end of the stream."""
    pieces = []
    while piece := connection.recv(1 << 18):
        pieces.append(piece)
    return b"".join(pieces)


def digest_of_all(connection):
    """Number and SHA-256 of all bytes up to the end of the stream."""
    digest, count = hashlib.sha256(), 0
    while piece := connection.recv(1 << 18):
        digest.update(piece)
        count += len(piece)
    return count, digest.hexdigest()


def ask(connection):
    """The name of the server that answers on a kept connection; None when it is gone."""
    try:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        answer = b""
        while not (text := answer.partition(b"\r\n\r\n")[2]).endswith(b"\n"):
            piece = connection.recv(4096)
            if not piece:
                return None
            answer += piece
        return text.split()[0].decode()
    except ConnectionError:
        return None


class Background(threading.Thread):
    """Runs a function beside the test; result() waits for what it returns or raises."""

    def __init__(self, function, *arguments):
        super().__init__(daemon=True)
        self._function, self._arguments = function, arguments
        self._value, self._error = None, None
        self.start()

    def run(self):
        try:
            self._value = self._function(*self._arguments)
        except BaseException as error:  # handed on by result()
            self._error = error

    def result(self, seconds=4 * PATIENCE):
        self.join(seconds)
        if self.is_alive():
            raise TimeoutError(f"still running after {seconds} s")
        if self._error:
            raise self._error
        return self._value


def reset(connection):
    """Ends a connection by a RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
