"""TCP segments as they pass an interface, in the order and with the content that they had there."""

import dataclasses
import socket
import struct

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33  # above the system-wide limit; the module socket does not name it
PACKET_STATISTICS = 6
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))
MSS, WINDOW_SCALE, SACK_PERMITTED, SACK, TIMESTAMPS = 2, 3, 4, 5, 8
NOT_ECT, ECT_1, ECT_0, CE = range(4)


@dataclasses.dataclass
class Segment:
    source: str
    destination: str
    ports: tuple  # source, destination
    seq: int
    ack: int
    flags: int
    window: int
    options: dict  # kind: content
    length: int    # of the payload
    ecn: int       # of the IP header

    def has(self, flag):
        return bool(self.flags & flag)


def _options(text):
    options, at = {}, 0
    while at < len(text) and text[at] != 0:
        if text[at] == 1:
            at += 1
            continue
        length = max(2, text[at + 1])
        options[text[at]] = text[at + 2:at + length]
        at += length
    return options


def _tcp(source, destination, ecn, text):
    source_port, destination_port, seq, ack, offset, flags, window = struct.unpack("!HHIIBBH", text[:16])
    header = (offset >> 4) * 4
    return Segment(source, destination, (source_port, destination_port), seq, ack, flags, window,
                   _options(text[20:header]), len(text) - header, ecn)


def segment(frame):
    """What an Ethernet frame says, or None when it is not TCP."""
    kind = frame[12:14]
    if kind == b"\x08\x00" and frame[23] == 6:
        header, total = (frame[14] & 15) * 4, struct.unpack("!H", frame[16:18])[0]
        return _tcp(socket.inet_ntop(socket.AF_INET, frame[26:30]), socket.inet_ntop(socket.AF_INET, frame[30:34]),
                    frame[15] & 3, frame[14 + header:14 + total])
    if kind == b"\x86\xdd" and frame[20] == 6:
        length = struct.unpack("!H", frame[18:20])[0]
        return _tcp(socket.inet_ntop(socket.AF_INET6, frame[22:38]), socket.inet_ntop(socket.AF_INET6, frame[38:54]),
                    frame[15] >> 4 & 3, frame[54:54 + length])
    return None


class Tap:
    """Everything that passes a host's interface from now on; kept by the kernel until it is asked for."""

    def __init__(self, namespace, interface):
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20)
        self._socket.bind((interface, 0))
        self._socket.setblocking(False)

    def frames(self):
        """What has passed so far; an error when the kernel could not keep it all."""
        frames = []
        try:
            while True:
                frames.append(self._socket.recv(65536))
        except BlockingIOError:
            pass
        _, dropped = struct.unpack("II", self._socket.getsockopt(263, PACKET_STATISTICS, 8))
        assert dropped == 0, f"the tap missed {dropped} frames"
        return frames

    def segments(self):
        return [found for frame in self.frames() if (found := segment(frame))]

    def close(self):
        self._socket.close()
