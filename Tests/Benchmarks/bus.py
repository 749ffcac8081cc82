"""The make-believe USB bus of one contender, which says to the nanosecond when it told of a removal."""
import glob, os, socket, struct, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "SystemTests"))
import testbed  # noqa: E402

# A real sysfs is in memory.  On a disk every plug and pull would leave metadata for the file system's journal, and the
# next fdatasync, the one that is measured, would have to write it.
tempfile.tempdir = "/dev/shm"

PATIENCE = 20.0

# As in testbed.Testbed.send, made once.
HEADER = b"libudev\0" + struct.pack(">I", 0xFEEDCAFE)
FILTER_HASHES = struct.pack(">4I", testbed.murmur_hash2(b"usb"), testbed.murmur_hash2(b"usb_device"), 0, 0)


class Bus(testbed.Testbed):
    """Sends over sockets that stay connected, so that the sender is no part of what is measured."""

    def __init__(self):
        super().__init__()
        self.sockets = []
        self.held = None  # while pulling: messages to be sent when the tree is done

    def connect(self):
        """To all monitors that the contender has opened; what is sent before goes nowhere."""
        for path in sorted(glob.glob(self._path("event*"))):
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.settimeout(PATIENCE)
            s.connect(path)
            self.sockets.append(s)

    def send(self, payload):
        if self.held is not None:
            return self.held.append(payload)
        message = HEADER + struct.pack("=3I", 40, 40, len(payload)) + FILTER_HASHES + payload
        for s in self.sockets:
            s.send(message)  # waits while the reader has net.unix.max_dgram_qlen messages unread

    def pull(self, phones):
        """Pulls them, as fast as the monitors are read; returns the CLOCK_MONOTONIC ns of the first and last removal.

        The tree goes first, for all of them, so that the messages follow each other without a pause.
        """
        self.held = held = []
        for phone in phones:
            self.unplug(phone)
        self.held = None
        told = []
        for payload in held:
            if payload.startswith(b"ACTION=remove\0"):
                told.append(time.monotonic_ns())
            self.send(payload)
        return told[0], told[-1]

    def destroy(self):
        for s in self.sockets:
            s.close()
        super().destroy()
