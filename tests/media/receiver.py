# Receives webhooks: a server that keeps each request in the directory that it is given, as
# N.path, N.id, N.signature and N.body. /flaky fails twice, /refusing always.
import http.server
import pathlib
import sys

directory = pathlib.Path(sys.argv[1])
requests = []


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        requests.append(self.path)
        kept = {
            "path": self.path.encode(),
            "type": self.headers["Content-Type"].encode(),
            "webhook": self.headers["rtk-webhook-id"].encode(),
            "uuid": self.headers["rtk-uuid"].encode() + b"\n",
            "signature": self.headers["rtk-signature"].encode(),
            "body": body,
        }
        for name, content in kept.items():
            (directory / f"{len(requests)}.{name}").write_bytes(content)
        fails = self.path == "/flaky" and requests.count("/flaky") <= 2
        self.send_response(503 if fails else 404 if self.path == "/refusing" else 204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
(directory / "port.new").write_text(str(server.server_port))
(directory / "port.new").rename(directory / "port")
server.serve_forever()
