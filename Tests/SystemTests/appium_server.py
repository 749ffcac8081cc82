"""A stand-in for an Appium server: it answers for its sessions as the documentation of Appium 1, 2 and 3 says."""
import contextlib
import http.server
import json
import socket
import threading


class AppiumServer:
    """Lists `sessions`, {id: capabilities}.

    `version` 1 knows /wd/hub/sessions alone; 2 knows /sessions, and /appium/sessions where `discovery` is allowed; 3 the
    latter alone. `hold` makes it take questions and answer none.
    """

    def __init__(self, version=3, discovery=True, port=0):
        self.version, self.discovery = version, discovery
        self.sessions = {}
        self.asked = []
        self.connections = []
        self.hold = threading.Event()
        self.hold.set()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                server.connections.append(self.connection)

            def do_GET(self):
                server.asked.append(self.path)
                server.hold.wait()
                status, value = server.answer(self.path)
                body = json.dumps({"value": value}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}" + ("/wd/hub" if version == 1 else "")
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, path):
        entries = [{"id": id, "capabilities": capabilities} for id, capabilities in self.sessions.items()]
        if self.version == 1 and path == "/wd/hub/sessions":
            return 200, entries
        if self.version == 2 and path == "/sessions":
            return 200, entries
        if self.version >= 2 and path == "/appium/sessions":
            if self.discovery:
                return 200, [{"created": 1732000000000, **entry} for entry in entries]
            return 500, {"error": "unknown error", "stacktrace": "",
                         "message": "Potentially insecure feature 'session_discovery' has not been enabled. If you want to "
                                    "enable this feature and accept the security ramifications, please do so by following "
                                    "the documented instructions"}
        return 404, {"error": "unknown command", "message": "The requested resource could not be found", "stacktrace": ""}

    def stop(self):
        self.hold.set()
        self.http.shutdown()
        self.http.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
