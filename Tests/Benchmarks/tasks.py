"""The tasks of a page's main thread, by the browser's own trace."""
import json, socket, urllib.parse, urllib.request

from bus import PATIENCE

#: Of the trace: its tasks, what is done in each, and the page's own marks.
CATEGORIES = ["toplevel", "devtools.timeline", "blink.user_timing"]
#: What a step of a task is, by the beginning of its name; what has none is of the step that it is in.
KINDS = {
    "script": ("FunctionCall", "EvaluateScript", "v8.", "RunMicrotasks", "FireAnimationFrame", "TimerFire", "EventDispatch"),
    "style": ("UpdateLayoutTree", "ParseAuthorStyleSheet"),
    "layout": ("Layout", "UpdateLayerTree"),
    "paint": ("PrePaint", "Paint", "Layerize", "Commit"),
    "visibility": ("IntersectionObserver",),
    "GC": ("MinorGC", "MajorGC", "V8.GC", "BlinkGC"),
}
#: Milliseconds on the wall and of the processor; the trace has microseconds.
CLOCKS = {"wall": "dur", "CPU": "tdur"}


class Trace:
    """Of all that a browser does from `start` to `stop`, read from its DevTools socket.

    chromedriver has a trace as well, and takes seconds to hand it over, at times more than the half minute that it waits.
    """

    def __init__(self, address):
        """`address`: where Chromium's DevTools are, as the driver's capabilities have it."""
        from wsproto import ConnectionType, WSConnection  # Debian's; selenium needs it too
        from wsproto.events import Request
        with urllib.request.urlopen(f"http://{address}/json/version", timeout=PATIENCE) as answer:
            url = urllib.parse.urlsplit(json.load(answer)["webSocketDebuggerUrl"])
        self.socket = socket.create_connection((url.hostname, url.port), PATIENCE)
        self.protocol = WSConnection(ConnectionType.CLIENT)
        self.socket.sendall(self.protocol.send(Request(host=url.netloc, target=url.path)))
        self._receive()  # its answer, that this is a WebSocket now

    def start(self):
        self._send("Tracing.start", traceConfig={"includedCategories": CATEGORIES, "excludedCategories": ["*"]})
        self._read("id")

    def stop(self):
        """The tasks of the thread that made the mark "begin" last, from then on: see `tasks`."""
        self._send("Tracing.end")
        events = [e for params in self._read("Tracing.tracingComplete") for e in params.get("value", [])]
        return tasks(events, next(e for e in reversed(events) if e["name"] == "begin"))

    def close(self):
        self.socket.close()

    def _send(self, method, **parameters):
        from wsproto.events import Message
        self.socket.sendall(self.protocol.send(Message(json.dumps({"id": 1, "method": method, "params": parameters}))))

    def _receive(self):
        if not (data := self.socket.recv(1 << 20)):
            raise RuntimeError("the browser has ended its DevTools connection")
        self.protocol.receive_data(data)
        return list(self.protocol.events())

    def _read(self, last):
        """What is told until, and by, the message that has this name or this key."""
        found, text = [], ""
        while True:
            for event in self._receive():
                text += getattr(event, "data", "")
                if not getattr(event, "message_finished", False):
                    continue
                message, text = json.loads(text), ""
                if "error" in message:
                    raise RuntimeError(f"the browser's trace: {message['error']}")
                found.append(message.get("params", {}))
                if last in message or message.get("method") == last:
                    return found


def tasks(events, begin):
    """Each task of a thread since an event of it: {"wall", "CPU"} in ms, and "parts", the same of each kind of step."""
    steps = sorted((e for e in events if e.get("ph") == "X" and e["ts"] > begin["ts"]
                    and (e["pid"], e["tid"]) == (begin["pid"], begin["tid"])), key=lambda e: (e["ts"], -e["dur"]))
    found, around = [], []  # of those that the step is in, outermost first: when each ends, and its kind
    for step in steps:
        while around and step["ts"] >= around[-1][0]:
            around.pop()
        times = {clock: step.get(field, 0) / 1000 for clock, field in CLOCKS.items()}
        kind = next((kind for kind, names in KINDS.items() if step["name"].startswith(names)), None)
        if not around:
            if not step["name"].endswith("RunTask"):
                continue
            found.append({**times, "parts": {}})
            add(found[-1]["parts"], kind := "other", times)
        else:
            outer = around[-1][1]
            kind = kind or outer
            add(found[-1]["parts"], kind, times)
            add(found[-1]["parts"], outer, times, -1)
        around.append((step["ts"] + step["dur"], kind))
    return found


def add(parts, kind, times, sign=1):
    part = parts.setdefault(kind, dict.fromkeys(CLOCKS, 0))
    for clock, ms in times.items():
        part[clock] += sign * ms
