"""Changes of status at a steady rate: sessions that begin and end on one phone after the other.

A process of its own, so that it takes no time from what is measured.  Run as a program, it goes on until its input ends, and
then says how many changes a second it has made.
"""
import subprocess, sys, threading, time

from bus import PATIENCE
from api import API  # of the system tests, whose folder `bus` has put in the path

HANDS = 8


class Changes:
    def __init__(self, socket, serial, phones, rate):
        """Of phones whose serials `serial` forms, as `Testbed.storm` does."""
        self.process = subprocess.Popen([sys.executable, __file__, socket, serial, str(phones), str(rate)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def end(self):
        """Changes in a second; returns when every session has ended."""
        told, _ = self.process.communicate(timeout=PATIENCE)
        if self.process.returncode:
            raise RuntimeError("the changes of status have failed")
        return float(told)

    def close(self):
        self.process.kill()
        self.process.wait()


class Hand:
    """One of those who share the work, each at phones of his own."""

    def __init__(self, number, api, serial, phones, rate):
        self.api, self.serials = api, [serial.format(n=n) for n in range(number, phones, HANDS)]
        self.pause, self.count, self.is_ending, self.fault = HANDS / rate, 0, False, None
        self.began = time.monotonic() + number / rate  # one after the other, not all at once
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self):
        try:
            time.sleep(max(0, self.began - time.monotonic()))
            while not self.is_ending:
                serial = self.serials[self.count // 2 % len(self.serials)]
                session = self.api.do("POST", "/v1/sessions", {"device": serial, "owner": "crowd"}, 201)
                self._pace()
                self.api.do("DELETE", f"/v1/sessions/{session['id']}")
                self._pace()
        except Exception as error:
            self.fault = error

    def _pace(self):
        self.count += 1
        time.sleep(max(0, self.began + self.count * self.pause - time.monotonic()))


def main(socket, serial, phones, rate):
    began, api = time.monotonic(), API(socket)
    hands = [Hand(n, api, serial, int(phones), float(rate)) for n in range(HANDS)]
    sys.stdin.read()
    changes = sum(hand.count for hand in hands) / (time.monotonic() - began)
    for hand in hands:
        hand.is_ending = True
    for hand in hands:
        hand.thread.join()
        if hand.fault:
            sys.exit(f"a session: {hand.fault!r}")
    print(changes)


if __name__ == "__main__":
    main(*sys.argv[1:])
