"""The package under test, and hosts to install it on: this one's files, in a copy that is thrown away."""
import os
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = pathlib.Path(os.environ.get("PLUGHOOK_BIN", TOP / ".build/release/plughook")).resolve()
PATIENCE = float(os.environ.get("PLUGHOOK_TIMEOUT_FACTOR", 1))


def run(*command, check=True, seconds=120, **options):
    """What came of a command; both of its outputs are shown when it fails and should not."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=seconds * PATIENCE, **options)
    assert not check or done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done


class Host:
    """This machine's file system, or another host's, to be written to: what is written is in memory, and goes with it.

    No service manager runs in it, and it sees the source tree read-only.  The mounts are in a namespace of their own,
    which a process holds: they go when it does, however it ends.
    """
    MOUNTS = """
        set -e
        cd "$1" && lower=$2 && shift 2
        mount -t tmpfs tmpfs .
        cd "$PWD"
        mkdir written work root
        mount -t overlay overlay -o "lowerdir=$lower,upperdir=written,workdir=work" root
        mount -t proc proc root/proc
        mount --rbind /dev root/dev
        mount -t tmpfs tmpfs root/run
        for folder in "$@"; do
            mkdir -p "root$folder"
            mount --bind "$folder" "root$folder"
            mount -o remount,bind,ro "root$folder"
        done
        echo mounted
        exec sleep infinity"""

    def __init__(self, folder, visible, base=None):
        self.root, self.visible = folder / "root", visible
        self.layers = [folder / "written", *(base.layers if base else [])]
        inside = ["nsenter", "--mount", "--target", str(base.holder.pid)] if base else []
        lower = ":".join(map(str, [*self.layers[1:], "/"]))
        self.holder = subprocess.Popen(
            [*inside, "unshare", "--mount", "sh", "-c", self.MOUNTS, "sh", folder, lower, *visible], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == "mounted\n", "the host could not be made: see its standard error"

    def run(self, *command, **options):
        return run("nsenter", "--mount", "--target", self.holder.pid, "chroot", self.root, *command, **options)

    def sh(self, script, **options):
        """Standard output of a script."""
        return self.run("sh", "-ec", script, **options).stdout

    def written(self, name):
        """The files of that name (`find -name`) that were written since there is the host and are still there."""
        found = run("nsenter", "--mount", "--target", self.holder.pid, "find", *self.layers, "-name", name, "-printf",
                    "/%P\\n").stdout.splitlines()
        mounts = tuple(map(str, self.visible))
        there = self.run("sh", "-c", 'for f; do if [ -e "$f" ] || [ -L "$f" ]; then echo "$f"; fi; done', "sh", *found)
        return sorted({file for file in there.stdout.splitlines() if not file.startswith(mounts)})

    def dpkg(self, *words, **options):
        # Without the triggers: nothing of ours has one, and man-db's takes longer than all else.
        return self.run("dpkg", "--no-triggers", "--force-unsafe-io", *words, **options)

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


@pytest.fixture(scope="session")
def deb(tmp_path_factory):
    """The package in $PLUGHOOK_DEB, or one that is built now."""
    if "PLUGHOOK_DEB" in os.environ:
        return pathlib.Path(os.environ["PLUGHOOK_DEB"]).resolve()
    done = run(TOP / "packaging/build-deb", "--binary", BINARY, "--output", tmp_path_factory.mktemp("deb"), seconds=300)
    return pathlib.Path(done.stdout.split()[-1])


@pytest.fixture(scope="session")
def files(deb, tmp_path_factory):
    """The package's files, unpacked."""
    folder = tmp_path_factory.mktemp("files")
    run("dpkg-deb", "--extract", deb, folder)
    return folder


@pytest.fixture(scope="session")
def bases(deb, tmp_path_factory):
    """Two hosts to make others of: one that Plughook has never been on, and one with the package."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a host to install on")
    fresh = Host(tmp_path_factory.mktemp("fresh"), [TOP, deb.parent, BINARY.parent])
    assert fresh.run("getent", "passwd", "plughook", check=False).returncode == 2, "this machine has the account itself"
    installed = Host(tmp_path_factory.mktemp("installed"), fresh.visible, fresh)
    installed.dpkg("--install", deb)
    yield fresh, installed
    installed.close()
    fresh.close()


@pytest.fixture
def fresh(bases, tmp_path):
    host = Host(tmp_path, bases[0].visible, bases[0])
    yield host
    host.close()


@pytest.fixture
def installed(bases, tmp_path):
    host = Host(tmp_path, bases[1].visible, bases[1])
    yield host
    host.close()
