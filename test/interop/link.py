"""A link of given rate, delay, queue, loss, reordering and duplication between two hosts: test/link's relay at work."""

import json
import signal

from netns import end
from programs import BUILD, ROOT

# A build to measure may have been made without tests; the link that it is measured over is the same.
LINK = next((program for build in (BUILD, ROOT / "build") if (program := build / "test" / "link" / "weir-link").exists()),
            BUILD / "test" / "link" / "weir-link")


class Link:
    """Joins `left` and `right`, each (namespace, interface), through a namespace of its own.

    Properties are of one direction, as `weir-link --help` tells them: "loss=1,delay=10"."""

    def __init__(self, lab, left, right, to_right="", to_left="", seed=1):
        self._lab = lab
        self.namespace = lab.host_of_weir(f"{right[0].name.rsplit('-')[-1]}-link")
        lab.cable(*left, self.namespace, "left0")
        lab.cable(self.namespace, "right0", *right)
        self._process = None
        self.become(to_right, to_left, seed)

    def become(self, to_right="", to_left="", seed=1, left="left0"):
        """Changes the link's properties; what was under way is lost, and counts begin anew.

        `left` may be another interface of the link's namespace: then another host is at that end."""
        self.stop()
        self._process = self._lab.start(self.namespace, LINK, "--left", left, "--right", "right0", "--seed", seed,
                                        *(["--to-right", to_right] if to_right else []),
                                        *(["--to-left", to_left] if to_left else []), stdout=-1, text=True)
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"weir-link does not start: to_right={to_right} to_left={to_left}")

    def counts(self):
        """{"to_right": {...}, "to_left": {...}} up to now."""
        self._process.send_signal(signal.SIGUSR1)
        return json.loads(self._process.stdout.readline())

    def stop(self):
        if self._process:
            end(self._process)
            self._process.stdout.close()
            self._process = None
