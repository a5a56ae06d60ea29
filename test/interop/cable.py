"""Whole frames into the cable between a client and Weir, and out of it."""

import socket

from scapy.layers.l2 import Ether

from programs import PATIENCE
from segments import ETH_P_ALL


class Cable:
    """The client's end of the cable, raw."""

    def __init__(self, lab):
        self.lab = lab
        with lab.client.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.bind(("eth0", 0))
        self.socket.settimeout(PATIENCE)
        lab.client.run("ping", "-c1", "-W", PATIENCE, "192.0.2.2")
        self.source = lab.client.run("cat", "/sys/class/net/eth0/address").strip()
        self.destination = lab.client.run("ip", "neigh", "show", "192.0.2.2").split("lladdr ")[1].split()[0]

    def send(self, packet):
        self.socket.send(bytes(Ether(src=self.source, dst=self.destination) / packet))

    def capture(self, wanted):
        """The first frame for which wanted(frame) holds."""
        while True:
            frame = self.socket.recv(65536)
            if wanted(frame):
                return frame
