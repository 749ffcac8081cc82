"""phone - plug and unplug virtual phones.

  phone plug [PROFILE] [--serial S] [--vid 18d1 --pid 4ee7] [--manufacturer M] [--product P]
             [--if ff/42/01:NAME ...] [--count N] [--gap MS] [--port P] [--speed full|high|super]
             [--adb STATE] [--trust TRUST] [--prop K=V ...] [--fault nostrings|noconfig|dead] [--json '{...}'] [--wait S]
  phone unplug (ID|SERIAL ... | --all) [--close] [--gap MS]
  phone replug (ID|SERIAL ... | --all) [--off MS] [--profile P] [--serial S ...]
  phone set    (ID|SERIAL ... | --all) --adb device|unauthorized|offline|...
  phone set    (ID|SERIAL ... | --all) --trust untrusted|trusted|locked|pending|denied
  phone list | profiles | stop

Every command prints one JSON object.  With --count N, '{n}' in --serial becomes
1..N (default serial: 'SIM{n:04d}'), and --port '{hub}.{slot}' spreads the phones
over hubs of eight.  --wait S waits until the kernel has configured every phone.
"""
import argparse, json, os, socket, sys

from . import profiles

FOLDER = os.environ.get("PHONED_DIR", "/run/phoned")
TRANSPORT = os.environ.get("PHONED_TRANSPORT", "vhci")


def connect():
    os.makedirs(FOLDER, exist_ok=True)
    path = os.path.join(FOLDER, "phoned.sock")
    for attempt in range(2):
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(path)
            return s
        except OSError:
            if attempt:
                raise
        import subprocess  # slow to import under emulation, and rarely needed
        log = open(os.path.join(FOLDER, "phoned.log"), "a")
        proc = subprocess.Popen([sys.executable, "-m", "phones.daemon", FOLDER, TRANSPORT], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=log, start_new_session=True)
        if proc.stdout.readline().strip() != b"ready":
            sys.exit(f"phone: the daemon did not start:\n{open(log.name).read()[-800:]}")


def ask(q, timeout=180):
    with connect() as s:
        s.settimeout(timeout)
        s.sendall(json.dumps(q).encode() + b"\n")
        buffer = b""
        while b"\n" not in buffer:
            data = s.recv(65536)
            if not data:
                sys.exit("phone: the daemon went away")
            buffer += data
    return json.loads(buffer)


def spec_options(p):
    p.add_argument("--serial")
    p.add_argument("--vid", type=lambda s: int(s, 16))
    p.add_argument("--pid", type=lambda s: int(s, 16))
    p.add_argument("--bcd", type=lambda s: int(s, 16))
    p.add_argument("--manufacturer")
    p.add_argument("--product")
    p.add_argument("--if", dest="interfaces", action="append")
    p.add_argument("--port", help="vhci port number, or a QEMU port such as 1.3")
    p.add_argument("--speed", choices=("low", "full", "high", "super"))
    p.add_argument("--adb")
    p.add_argument("--trust", choices=("untrusted", "trusted", "locked", "pending", "denied"))
    p.add_argument("--prop", action="append", default=[])
    p.add_argument("--fault", dest="faults", action="append")
    p.add_argument("--json", type=json.loads, default={}, help="more fields of the spec")


FIELDS = ("serial", "vid", "pid", "bcd", "manufacturer", "product", "interfaces", "port", "speed", "adb", "trust", "faults")


def spec_of(a):
    spec = {k: getattr(a, k) for k in FIELDS if getattr(a, k) is not None}
    if a.prop:
        spec["props"] = dict(p.split("=", 1) for p in a.prop)
    return {**spec, **a.json}


def run(argv, ask=ask):
    """Does what a command line says; `ask` passes a query on to the daemon.  Returns the answer, with `error` if it failed."""
    top = argparse.ArgumentParser(prog="phone", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = top.add_subparsers(dest="cmd", required=True)
    p = sub.add_parser("plug")
    p.add_argument("profile", nargs="?")
    spec_options(p)
    p.add_argument("--count", type=int)
    p.add_argument("--gap", type=float, default=0, help="milliseconds between phones")
    p.add_argument("--wait", type=float, help="seconds")
    for name in ("unplug", "replug", "set"):
        p = sub.add_parser(name)
        p.add_argument("which", nargs="*")
        p.add_argument("--all", action="store_true")
        p.add_argument("--gap", type=float, default=0)
        p.add_argument("--close", action="store_true", help="hang up instead of asking for a detach")
        p.add_argument("--off", type=float, default=300, help="milliseconds between out and in")
        p.add_argument("--wait", type=float)
        if name != "unplug":
            p.add_argument("--profile")
            spec_options(p)
    p = sub.add_parser("wait")
    p.add_argument("--timeout", type=float, default=60)
    for name in ("list", "stop", "profiles"):
        sub.add_parser(name)
    a = top.parse_args(argv)

    if a.cmd == "profiles":
        return profiles.PROFILES
    q = {"do": a.cmd}
    if a.cmd == "plug":
        base = {"profile": a.profile, **spec_of(a)}
        if TRANSPORT == "redir":
            base.setdefault("speed", "full" if "." in str(base.get("port", "")) else "high")
        if a.count is None:
            q["phones"] = [base]
        else:
            pattern = base.get("serial") or "SIM{n:04d}"
            q["phones"] = []
            for n in range(1, a.count + 1):
                place = {"n": n, "hub": 1 + (n - 1) // 8, "slot": 1 + (n - 1) % 8}
                port = {"port": base["port"].format(**place)} if base.get("port") else {}
                q["phones"].append({**base, **port, "serial": pattern.format(**place)})
        q["gap"] = a.gap / 1000
    elif a.cmd in ("unplug", "replug", "set"):
        if not a.all and not a.which:
            top.error("name the phones, or say --all")
        q.update(which="all" if a.all else a.which, gap=a.gap / 1000, how="close" if a.close else "detach", off=a.off / 1000)
        if a.cmd != "unplug":
            q["set"] = spec_of(a)
            if a.profile:
                q["set"]["profile"] = a.profile
    elif a.cmd == "wait":
        q["timeout"] = a.timeout
    answer = ask(q)
    if "error" not in answer and getattr(a, "wait", None):
        waited = ask({"do": "wait", "timeout": a.wait}, a.wait + 30)
        answer["configured_ns"] = waited["ns"]
        if "error" in waited:
            answer["error"] = waited["error"]
    return answer


def main(argv):
    if argv == ["stop"] and not os.path.exists(os.path.join(FOLDER, "phoned.sock")):
        return 0
    answer = run(argv)
    print(json.dumps(answer))
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
