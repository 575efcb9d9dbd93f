"""What the hand-made receiver of the guide does: Flask takes the JSON, and all of it goes to Wazuh's socket as one datagram.

As there, a socket a request, no check of who posts, nothing on disk: 200 means that the kernel has it. `app.run` serves it in the
guide; gunicorn is how one would run it in earnest.
"""

import json
import os
from socket import AF_UNIX, SOCK_DGRAM, socket

from flask import Flask, request

SOCKET = os.environ["BENCH_SOCKET"]
app = Flask(__name__)


def send_event(message):
    text = "1:k8s:{0}".format(json.dumps(message))
    sender = socket(AF_UNIX, SOCK_DGRAM)
    sender.connect(SOCKET)
    sender.send(text.encode())
    sender.close()


@app.route("/bench", methods=["POST"])
def webhook():
    send_event(request.json)
    return "Webhook received!"


if __name__ == "__main__":
    app.run(
        host="127.0.0.1",
        port=int(os.environ["BENCH_PORT"]),
        ssl_context=(os.environ["BENCH_CERTIFICATE"], os.environ["BENCH_KEY"]),
    )
