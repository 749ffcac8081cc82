"""Tries what the agent must not be able to do, and prints as JSON what succeeded; runs in the guest."""
import json, os, socket, subprocess, sys


def reads(path):
    with open(path) as f:
        return bool(f.read())


def writes(folder):
    path = os.path.join(folder, "probe")
    with open(path, "w") as f:
        f.write("x")
    return True


def opens(node):
    # Without waiting for the other end of a line, and without making it the terminal.
    os.close(os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
    return True


def makes(family, kind, protocol):
    socket.socket(family, kind, protocol).close()
    return True


def attempt(do, *what):
    try:
        return do(*what)
    except OSError:
        return False


def main(wanted):
    done = {f"read {path}": attempt(reads, path) for path in wanted["read"]}
    done |= {f"write {folder}": attempt(writes, folder) for folder in wanted["write"]}
    done |= {f"open {node}": attempt(opens, node) for node in wanted["open"]}
    done["raw socket"] = attempt(makes, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    done["packet socket"] = attempt(makes, socket.AF_PACKET, socket.SOCK_RAW, 0)
    # Every directory where it may write, also those that nobody has thought of; not those of processes.
    found = subprocess.run(["find", "/", "-path", "/proc", "-prune", "-o", "-type", "d", "-writable", "-print"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    print(json.dumps({"done": done, "writable": found.stdout.splitlines()}), flush=True)


main(json.loads(sys.argv[1]))
