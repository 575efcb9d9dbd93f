"""`systemctl` on the Wazuh host of the end-to-end tests: asks service_manager.py."""

import json
import socket
import sys

with socket.socket(socket.AF_UNIX) as manager:
    manager.connect("/run/service-manager.sock")
    manager.sendall(json.dumps(sys.argv[1:]).encode() + b"\n")
    code, text = json.loads(b"".join(iter(lambda: manager.recv(4096), b"")))
if text:
    print(text, file=sys.stdout if text in ("active", "inactive", "enabled", "disabled") else sys.stderr)
sys.exit(code)
