"""Writes down which functions a removal runs through, for the linker to put side by side (packaging/link-order).

After a pause none of the agent's code is in a cache, and what is spread over the whole program has to be looked up and
fetched page by page.  Valgrind tells what was run between a cable's removal and the accept of its callback; how long each took
is of no interest.  The agent that is run must have its symbols: a release build, not the package's.
"""
import os, re, shutil, subprocess, sys, tempfile, time

import contenders
from latency import SERIAL
from sink import Sink

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
LIST = os.path.join(TOP, "packaging", "link-order")
HEAD = """\
# The functions that a removal runs through, as the linker calls them, for ld.lld(1) --symbol-ordering-file.
# Made by packaging/bench --link-order.
"""
WARM_UP = 5
SLOW = 120.0  # seconds: valgrind is some fifty times slower


class Watched(contenders.Plughook):
    """Under callgrind, which counts nothing until it is told."""

    def command(self):
        command, environment = super().command()
        wrapper, *agent = command
        self.profile = os.path.join(self.bus.root, "profile")
        return [wrapper, "valgrind", "--tool=callgrind", "--instr-atstart=no", "--demangle=no",
                f"--callgrind-out-file={self.profile}", *agent], environment

    def control(self, *options):
        subprocess.run(["callgrind_control", *options, str(self.agent)], check=True, stdout=subprocess.DEVNULL)

    @property
    def agent(self):
        return self.process.pid  # umockdev-wrapper and valgrind become the agent


def functions(profile):
    """The names in a profile (callgrind's format, section 3.1 of its manual): each stands with its number where it is first."""
    with open(profile, errors="replace") as f:
        names = re.findall(r"^c?fn=\(\d+\) (.+)$", f.read(), re.MULTILINE)
    return {re.sub(r"'\d+$", "", name) for name in names}  # '2 is the second time in a recursion


def symbols(program):
    told = subprocess.run(["nm", "--defined-only", program], check=True, capture_output=True, text=True).stdout
    return {line.split(" ", 2)[2] for line in told.splitlines()}


def main():
    contenders.PATIENCE = SLOW
    scratch = os.path.join(TOP, ".build", "bench")
    os.makedirs(scratch, exist_ok=True)
    folder, sink = tempfile.mkdtemp(dir=scratch), Sink()
    program = os.path.join(folder, "plughook")  # without what it has for debuggers, which Debian 12's valgrind cannot read
    subprocess.run(["strip", "-g", "-o", program, contenders.PLUGHOOK], check=True)
    contenders.PLUGHOOK = program
    agent = Watched(sink, folder)
    try:
        for round in range(WARM_UP + 1):
            phone = agent.bus.plug(serial=SERIAL)
            agent.take([SERIAL], "online", SLOW)
            time.sleep(2)  # until what follows an accept is done, too
            if round == WARM_UP:
                agent.control("-i", "on")
                agent.control("-z")
            agent.bus.pull([phone])
            agent.take([SERIAL], "unplugged", SLOW)
        agent.control("-d")
        found = functions(agent.profile + ".1") & symbols(program)
    finally:
        agent.close()
        sink.close()
        shutil.rmtree(folder)
    if len(found) < 500:
        sys.exit(f"packaging/bench: only {len(found)} functions were seen; has the agent that was run its symbols?")
    with open(LIST, "w") as f:
        f.write(HEAD + "".join(f"{name}\n" for name in sorted(found)))
    print(f"{len(found)} functions are in packaging/link-order; the next release build goes by it")


if __name__ == "__main__":
    main()
