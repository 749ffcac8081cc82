"""Runs the benchmarks that are asked for; `packaging/bench` sees to what they need."""
import argparse, json, os, platform, shutil, sys, tempfile

import backlog, burst, crowd, idle, isolation, latency, page, soak
from figures import table
from sink import Sink

BENCHMARKS = {"latency": latency, "burst": burst, "crowd": crowd, "isolation": isolation, "backlog": backlog,
              "idle": idle, "page": page, "soak": soak}
#: Too long for every day, and with a browser that nothing else here needs.
ON_REQUEST = {"soak", "page"}
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def arguments():
    parser = argparse.ArgumentParser(
        prog="packaging/bench",
        description="Measures the agent on mocked USB beside what a script would do, and judges its targets.",
        epilog="Exits with 0 when every target that was judged is met, 1 when not, 70 when it could not measure.  "
               "packaging/bench --link-order measures nothing: it writes packaging/link-order anew.")
    parser.add_argument("--latency", action="store_true", help="a removal's uevent to its callback's accept")
    parser.add_argument("--burst", action="store_true", help="127 phones pulled at once, ten webhooks")
    parser.add_argument("--crowd", action="store_true",
                        help="latency and memory with a stalled event reader and 200 idle connections, and without")
    parser.add_argument("--isolation", action="store_true",
                        help="latency of seven receivers beside three in trouble, and without")
    parser.add_argument("--backlog", action="store_true",
                        help="start and drain with 100,000 callbacks on disk, beside libcurl and wrk")
    parser.add_argument("--idle", action="store_true", help="CPU, wake-ups and memory while nothing happens")
    parser.add_argument("--page", action="store_true",
                        help="the page in Chromium: its longest task while 500 phones change, its first load, and latency with "
                             "it open and without; on request alone")
    parser.add_argument("--soak", action="store_true", help="memory and descriptors over a million callbacks; on request alone")
    parser.add_argument("--callbacks", type=positive, default=1_000_000, help="of the soak (1,000,000)")
    parser.add_argument("--events", type=positive, default=300, help="measured removals of each contender (300)")
    parser.add_argument("--rounds", type=positive, default=3,
                        help="bursts of the agent (3), of which the scripts do one each; spans of the page's changes")
    parser.add_argument("--seconds", type=positive, default=60, help="of idleness (60)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--no-verdict", action="store_true", help="exit with 0 whatever was measured")
    options = parser.parse_args()
    options.chosen = [name for name in BENCHMARKS if getattr(options, name)] or [n for n in BENCHMARKS if n not in ON_REQUEST]
    return options


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def progress(text):
    print(text, file=sys.stderr, flush=True)


def main():
    options = arguments()
    results, targets = {}, []
    machine = {"kernel": platform.release(), "cpus": os.cpu_count(), "loadAverage": os.getloadavg()[0]}
    scratch = os.path.join(TOP, ".build", "bench")  # where the agent's state is to be: on a disk
    os.makedirs(scratch, exist_ok=True)
    folder, sink = tempfile.mkdtemp(dir=scratch), Sink()
    try:
        for name in options.chosen:
            results[name] = BENCHMARKS[name].run(sink, folder, options, progress)
            targets += BENCHMARKS[name].targets(results[name])
    except (RuntimeError, OSError) as error:
        progress(f"packaging/bench: {error}")
        return 70
    finally:
        sink.close()
        shutil.rmtree(folder)
    passed = all(t.is_met for t in targets if t.judged)
    if options.json:
        print(json.dumps({"machine": machine, "results": results, "targets": [t.json() for t in targets],
                          "passed": passed}, indent=2, ensure_ascii=False))
    else:
        show(machine, results, targets)
    return 0 if passed or options.no_verdict else 1


def show(machine, results, targets):
    print("Linux {kernel}, {cpus} CPUs, load average {loadAverage:.2f}\n".format(**machine))
    for name, result in results.items():
        print(BENCHMARKS[name].text(result), end="\n\n")
    print(table(["verdict", "target", "measured", "bound"], [t.row() for t in targets]))
    for name, result in results.items():
        if noise := BENCHMARKS[name].noise_in(result):
            print(f"\n{name}: {noise}: too noisy for absolute figures, the ratios decide.")


if __name__ == "__main__":
    sys.exit(main())
