"""A phone as the server meets it: it takes compressed answers, has an address of its own, and when it is told to wait
it does, as long as it was told, and sends the same once more."""

import gzip
import time
from dataclasses import replace

import brotli

from tests.visitor import Answer, Visitor

TAKES = "gzip, deflate, br"
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}
BUSY = (429, 503)


class Phone(Visitor):
    """`told_to_wait` counts how often."""

    def __init__(self, port: int, address: str):
        super().__init__(port)
        self.address, self.told_to_wait = address, 0

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        headers |= {"Accept_Encoding": TAKES, "X_Forwarded_For": self.address}
        while (answer := super().request(method, path, body, **headers)).status in BUSY:
            self.told_to_wait += 1
            time.sleep(float(answer.headers.get("retry-after", 1)))
        unpack = UNPACK.get(answer.headers.get("content-encoding", ""), bytes)
        return replace(answer, body=unpack(answer.body))
