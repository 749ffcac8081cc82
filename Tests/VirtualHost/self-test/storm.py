#!/usr/bin/env python3
"""Many phones at once: how long, how many events, what is lost.  Runs in the guest.

  storm.py [N] [nobody] [-- usbwatch options]     e.g.  storm.py 100 nobody -- -z 3000

With "nobody", usbwatch runs unprivileged and so with the small default socket
buffer: libudev asks for 128 MiB, which only CAP_NET_ADMIN is granted.
"""
import collections, os, signal, subprocess, sys, time

sys.path.insert(0, "/vm")
from phones.cli import ask

args = sys.argv[1:]
options = args[args.index("--") + 1:] if "--" in args else []
words = args[:args.index("--")] if "--" in args else args
n = int(next((w for w in words if w.isdigit()), 100))
user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if "nobody" in words else []
log = "/tmp/storm.log"


def start():
    w = subprocess.Popen([*user, "/vm/build/usbwatch", *options], stdout=open(log, "w"), stderr=subprocess.DEVNULL)
    time.sleep(1)
    return w


def stop(w, what, t0, action):
    """Waits until udev is done, then tells what was seen."""
    subprocess.run(["udevadm", "settle", "--timeout=120"])
    time.sleep(1 + (int(options[options.index("-z") + 1]) / 1000 if "-z" in options else 0))
    w.send_signal(signal.SIGTERM)
    w.wait(30)
    seen, last, kinds, bad = collections.Counter(), {}, collections.defaultdict(collections.Counter), []
    for line in open(log):
        f = line.split()
        if len(f) < 3 or f[1] == "ready":
            continue
        if f[1] == "total":
            print("   ", " ".join(f[1:]))
            continue
        if f[2] == "ENOBUFS":
            bad.append(f[1])
            continue
        kinds[f[1]][f"{f[2]}/{f[3].replace('usb_', '')}"] += 1
        if f[2] == action and f[3] == "usb_device":
            seen[f[1]] += 1
            last[f[1]] = int(f[0])
    for source in ("kernel", "udev", "libusb"):
        if source in last:
            print(f"    {source:7} {seen[source]:4} {action}s of devices, the last {(last[source] - t0) / 1e9:6.2f} s after the start; "
                  + ", ".join(f"{k} {v}" for k, v in sorted(kinds[source].items())))
    if bad:
        print("    ENOBUFS:", dict(collections.Counter(bad)))


def main():
    w = start()
    t0 = time.monotonic_ns()
    r = ask({"do": "plug", "phones": [{"profile": "pixel", "serial": f"STORM{i:04d}"} for i in range(n)]})
    if "error" in r:
        sys.exit(r["error"])
    attached = time.monotonic_ns()
    r = ask({"do": "wait", "timeout": 150}, 170)
    print(f"plug {n}: attach calls took {(attached - t0) / 1e9:.2f} s, all configured after {(r['ns'] - t0) / 1e9:.2f} s {r.get('error', '')}")
    stop(w, "plug", t0, "add")
    print("    lsusb lists", int(subprocess.run("lsusb | grep -c 18d1:4ee7", shell=True, capture_output=True, text=True).stdout))
    w = start()
    t0 = time.monotonic_ns()
    r = ask({"do": "unplug", "which": "all"})
    took = time.monotonic_ns() - t0
    print(f"unplug {n}: detach calls took {took / 1e9:.2f} s")
    stop(w, "unplug", t0, "remove")


main()
