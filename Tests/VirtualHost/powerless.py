"""A disk of a virtual host whose power fails: what the guest had not flushed is lost, some of it or all.

QEMU writes each request into a log beside the disk (`blklogwrites`, in the format of the kernel's dm-log-writes,
Documentation/admin-guide/device-mapper/log-writes.rst).  When it has been killed, the disk is made anew: as it was before,
with all that was flushed, and of what was written after the last flush a random part, in any order that a cache may choose.
The same can be made of any moment before that: the disks that earlier failures would have left.
"""
import os, shutil, struct

SUPER, ENTRY = struct.Struct("<QQQI"), struct.Struct("<QQQQ")
MAGIC, FLUSH, FUA, DISCARD = 0x6A736677736872, 1, 2, 4


class Disk:
    def __init__(self, folder):
        self.path, self.live, self.log = (os.path.join(folder, name) for name in ("disk.img", "live.img", "writes.log"))

    def qemu_args(self, node="power"):
        """For a boot; the disk is /dev/vdb."""
        shutil.copyfile(self.path, self.live)
        with open(self.log, "wb") as log:
            log.truncate(1 << 32)  # sparse
        return ["-blockdev", f"driver=file,filename={self.live},node-name={node}-disk",
                "-blockdev", f"driver=file,filename={self.log},node-name={node}-log",
                "-blockdev", f"driver=blklogwrites,node-name={node},file={node}-disk,log={node}-log,log-super-update-interval=1",
                "-device", f"virtio-blk-pci,drive={node},write-cache=on"]

    def earlier(self, dice, count, path):
        """Makes at `path`, one after the other, disks as failures at `count` random moments would have left them."""
        entries = list(self._entries())
        for _ in range(count):
            shutil.copyfile(self.path, path)
            yield self._make(path, entries[:dice.randint(0, len(entries))], dice)

    def fail(self, dice):
        """After QEMU was killed: the disk as its next boot finds it.  How many writes were flushed, left and lost."""
        return self._make(self.path, list(self._entries()), dice)

    @staticmethod
    def _make(path, entries, dice):
        last = max((n for n, (flags, *_) in enumerate(entries) if flags & FLUSH), default=-1)
        kept, rest = entries[:last + 1], [entry for entry in entries[last + 1:] if entry[2]]
        # Mostly some, at times none and all: each is a power loss that can be.
        share = dice.choice([0, 0.5, 0.9, 1])
        survivors = [entry for entry in rest if entry[0] & FUA or dice.random() < share]
        with open(path, "r+b") as disk:
            for _, offset, data in kept + survivors:
                disk.seek(offset)
                disk.write(data)
        return len(kept), len(survivors), len(rest) - len(survivors)

    def _entries(self):
        """(flags, offset, bytes) of each request, in order."""
        with open(self.log, "rb") as log:
            magic, version, _, size = SUPER.unpack(log.read(SUPER.size))
            if magic != MAGIC or version != 1:
                return  # nothing was flushed
            place = size
            while True:
                log.seek(place)
                head = log.read(ENTRY.size)
                sector, count, flags, _ = ENTRY.unpack(head) if len(head) == ENTRY.size else (0, 0, 0, 0)
                if not count and not flags:
                    return
                length = 0 if flags & DISCARD else count * size
                log.seek(place + size)
                yield flags, sector * size, (b"\0" * (count * size) if flags & DISCARD else log.read(length))
                place += size + length
