"""The floor: what the disk takes for the least that a durable event can be."""
import os, time

#: About one callback's row.
RECORD = b"x" * 350


class Disk:
    def __init__(self, folder):
        self.descriptor = os.open(os.path.join(folder, "floor"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(self):
        """Appends a record and has it on the disk; returns the ns it took."""
        began = time.monotonic_ns()
        os.write(self.descriptor, RECORD)
        os.fdatasync(self.descriptor)
        return time.monotonic_ns() - began

    def close(self):
        os.close(self.descriptor)
