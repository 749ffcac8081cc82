"""The floor: what the disk takes for the least that a durable event can be.

A process of its own, as the contenders are: the scheduler makes one that has just computed, like the harness, wait longer
for a CPU when its write is done.  Run as a program with a file's name, it writes a record for each line it reads and
answers with the ns that it took.
"""
import os, subprocess, sys, time

#: About one callback's row.
RECORD = b"x" * 350
#: Larger than what a run writes.
PREPARED = 4 << 20


class Disk:
    def __init__(self, folder, name, is_prepared):
        """With `is_prepared` the file's blocks are there beforehand, as those of a log that is used again and again.

        Without, each record makes the file longer, and the file system's journal has to be written with it.
        """
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(bytes(PREPARED if is_prepared else 0))
            os.fsync(f.fileno())
        self.process = subprocess.Popen([sys.executable, __file__, path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, bufsize=0)

    def write(self):
        """Returns the ns until the record was on the disk."""
        self.process.stdin.write(b"\n")
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def serve(path):
    descriptor = os.open(path, os.O_WRONLY)
    while os.read(0, 1):
        began = time.monotonic_ns()
        os.write(descriptor, RECORD)
        os.fdatasync(descriptor)
        os.write(1, b"%d\n" % (time.monotonic_ns() - began))


if __name__ == "__main__":
    serve(sys.argv[1])
