#!/usr/bin/env python3
"""Latency from unplugging to each source, over N unplugs.  Runs in the guest.

  latency.py [N] [--how detach|close]
"""
import argparse, os, signal, statistics, subprocess, sys, time

sys.path.insert(0, "/vm")
from phones.cli import ask

p = argparse.ArgumentParser()
p.add_argument("n", nargs="?", type=int, default=200)
p.add_argument("--how", default="detach")
p.add_argument("--binary", default="/vm/build/usbwatch")
a = p.parse_args()

log = "/tmp/usbwatch.log"
watch = subprocess.Popen([a.binary], stdout=open(log, "w"), stderr=subprocess.DEVNULL)
time.sleep(1)
plugs, pulls = [], []
for i in range(a.n):
    serial = f"LAT{i:05d}"
    r = ask({"do": "plug", "phones": [{"profile": "pixel", "serial": serial}]})
    if "error" in r:
        sys.exit(r["error"])
    plugs.append(r["phones"][0]["ns"])
    w = ask({"do": "wait", "timeout": 30})
    if "error" in w:
        sys.exit(w["error"])
    subprocess.run(["udevadm", "settle", "--timeout=30"])
    time.sleep(0.05)
    r = ask({"do": "unplug", "which": [serial], "how": a.how})
    pulls.append(r["phones"][0]["ns"])
    subprocess.run(["udevadm", "settle", "--timeout=30"])
    time.sleep(0.15)
time.sleep(1)
watch.send_signal(signal.SIGTERM)
watch.wait(10)

events = {}
for line in open(log):
    f = line.split()
    if len(f) >= 5 and f[3] == "usb_device" and f[2] in ("add", "remove"):
        events.setdefault((f[1], f[2]), []).append(int(f[0]))


def report(what, begins, source, action):
    times = events.get((source, action), [])
    delays, at = [], 0
    for i, b in enumerate(begins):
        end = begins[i + 1] if i + 1 < len(begins) else float("inf")
        hit = next((t for t in times if b <= t < end), None)
        if hit is not None:
            delays.append((hit - b) / 1e6)
    delays.sort()
    if not delays:
        print(f"{what:8} {source:7} nothing")
        return
    print(f"{what:8} {source:7} n={len(delays):4} median {statistics.median(delays):8.2f} ms  "
          f"p99 {delays[min(len(delays) - 1, int(len(delays) * 0.99))]:8.2f} ms  max {delays[-1]:8.2f} ms")


print(f"{a.n} unplugs, how={a.how}")
for source in ("kernel", "udev", "libusb"):
    report("unplug", pulls, source, "remove")
for source in ("kernel", "udev", "libusb"):
    report("plug", plugs, source, "add")
