"""systemd's part of the Wazuh host in the end-to-end tests: a stand-in that really starts and stops programs.

It reads unit files as they lie on the disk and does what it knows of them: ExecStart, Type=notify, User, Group, StateDirectory,
RuntimeDirectory, Restart, RestartSec, TimeoutStartSec, TimeoutStopSec, Requires and ListenStream, sockets handed on as sd_listen_fds(3)
says. Whatever isolates a service is not applied. As systemd does, it keeps a unit as it was read until `daemon-reload`.

    service_manager.py            serves /run/service-manager.sock until it is told to end (SIGTERM), and then ends its services
    systemctl.py COMMAND UNIT…    asks it
"""

import json
import os
import pwd
import grp
import shlex
import shutil
import signal
import socket
import socketserver
import sys
import threading
import time

CONTROL = "/run/service-manager.sock"
LOGS = "/var/log/services"
FOLDERS = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"]
ENABLED = "/etc/systemd/system"


class Refused(Exception):
    """What systemctl prints before it ends with 1."""


class Unit:
    def __init__(self, name, settings):
        self.name = name
        self.settings = settings
        self.pid = None
        self.ready = False
        self.wanted = False
        self.exits = 0
        self.listeners = []
        self.changed = threading.Condition()

    def get(self, key, default=""):
        return self.settings.get(key, [default])[-1]


units = {}


def unit_file(name):
    return next((path for path in (f"{folder}/{name}" for folder in FOLDERS) if os.path.exists(path)), None)


def unit(name):
    if name in units:
        return units[name]
    path = unit_file(name)
    if path is None:
        raise Refused(f"Unit {name} not found.")
    settings = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            key, equals, value = line.strip().partition("=")
            if equals and not key.startswith("#"):
                settings.setdefault(key, []).append(value)
    units[name] = Unit(name, settings)
    return units[name]


def daemon_reload():
    for name, known in list(units.items()):
        if known.pid is None and not known.listeners:
            del units[name]
        elif unit_file(name) is not None:
            del units[name]
            known.settings = unit(name).settings
            units[name] = known


def start(name):
    one = unit(name)
    one.wanted = True
    if name.endswith(".socket"):
        listen(one)
        return
    if one.pid is not None and one.ready:
        return
    for needed in " ".join(one.settings.get("Requires", [])).split():
        start(needed)
    exits = one.exits
    if one.pid is None:
        spawn(one)
    within = float(one.get("TimeoutStartSec", "90"))
    with one.changed:
        one.changed.wait_for(lambda: one.ready or one.exits != exits, within)
        if not one.ready:
            raise Refused(f"Job for {name} failed because the control process exited with error code.")


def listen(one):
    if one.listeners:
        return
    for stream in one.settings.get("ListenStream", []):
        host, _, port = stream.rpartition(":")
        family = socket.AF_INET if "." in host else socket.AF_INET6
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((host.strip("[]") or "::", int(port)))
        except OSError as error:
            raise Refused(f"{one.name}: Failed to listen on {stream}: {error.strerror}") from error
        made.listen(int(one.get("Backlog", "4096")))
        one.listeners.append(made)


def spawn(one):
    listeners = [
        made
        for other in list(units.values())
        if other.name.endswith(".socket") and other.get("Service", other.name.replace(".socket", ".service")) == one.name
        for made in other.listeners
    ]
    account = pwd.getpwnam(one.get("User")) if one.get("User") else None
    group = grp.getgrnam(one.get("Group")).gr_gid if one.get("Group") else account.pw_gid if account else None
    for key, parent, mode in [("StateDirectory", "/var/lib", 0o700), ("RuntimeDirectory", "/run", 0o750)]:
        if one.get(key):
            folder = f"{parent}/{one.get(key)}"
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, mode)
            if account:
                os.chown(folder, account.pw_uid, group)
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    notifications = None
    if one.get("Type") == "notify":
        path = f"/run/notify-{one.name}"
        if os.path.exists(path):
            os.unlink(path)
        notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notifications.bind(path)
        os.chmod(path, 0o666)
        environment["NOTIFY_SOCKET"] = path
    command = shlex.split(one.get("ExecStart"))
    os.makedirs(LOGS, exist_ok=True)
    log = os.open(f"{LOGS}/{one.name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    one.ready = False
    pid = os.fork()
    if pid == 0:
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(log, 1)
            os.dup2(log, 2)
            kept = [os.dup(made.fileno()) for made in listeners]
            for index, file in enumerate(kept):
                os.dup2(file, 3 + index, inheritable=True)
            if listeners:
                environment["LISTEN_FDS"] = str(len(listeners))
                environment["LISTEN_FDNAMES"] = ":".join("data" for _ in listeners)
                environment["LISTEN_PID"] = str(os.getpid())
            if account:
                os.setgroups([])
                os.setgid(group)
                os.setuid(account.pw_uid)
            os.umask(int(one.get("UMask", "0022"), 8))
            os.chdir("/")
            os.execve(command[0], command, environment)
        except OSError as error:
            os.write(2, f"{command[0]}: {error}\n".encode())
        finally:
            os._exit(203)
    os.close(log)
    one.pid = pid
    if notifications is None:
        set_ready(one)
    else:
        threading.Thread(target=follow_notifications, args=(one, pid, notifications), daemon=True).start()
    threading.Thread(target=follow_process, args=(one, pid), daemon=True).start()


def set_ready(one):
    with one.changed:
        one.ready = True
        one.changed.notify_all()


def follow_notifications(one, pid, notifications):
    notifications.settimeout(1)
    while one.pid == pid:
        try:
            if b"READY=1" in notifications.recv(4096):
                set_ready(one)
        except TimeoutError:
            continue
    notifications.close()


def follow_process(one, pid):
    _, status = os.waitpid(pid, 0)
    with one.changed:
        one.pid = None
        one.ready = False
        one.exits += 1
        one.changed.notify_all()
    restart = one.get("Restart", "no")
    if one.wanted and (restart == "always" or (restart == "on-failure" and status != 0)):
        time.sleep(float(one.get("RestartSec", "0.1")))
        if one.wanted and one.pid is None:
            spawn(one)


def stop(name):
    one = unit(name)
    one.wanted = False
    for made in one.listeners:
        made.close()
    one.listeners = []
    pid = one.pid
    if pid is None:
        return
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    with one.changed:
        if not one.changed.wait_for(lambda: one.pid != pid, float(one.get("TimeoutStopSec", "30"))):
            os.kill(pid, signal.SIGKILL)
            one.changed.wait_for(lambda: one.pid != pid, 10)
    if one.get("RuntimeDirectory"):
        shutil.rmtree(f"/run/{one.get('RuntimeDirectory')}", ignore_errors=True)


def links(name):
    path = unit_file(name)
    if path is None:
        raise Refused(f"Failed to enable unit: Unit file {name} does not exist.")
    wanted_by = " ".join(read_wanted_by(path)).split()
    return path, [f"{ENABLED}/{target}.wants/{name}" for target in wanted_by]


def read_wanted_by(path):
    with open(path, encoding="utf-8") as file:
        return [line.strip()[len("WantedBy=") :] for line in file if line.startswith("WantedBy=")]


def enable(name):
    path, made = links(name)
    for link in made:
        os.makedirs(os.path.dirname(link), exist_ok=True)
        if not os.path.islink(link):
            os.symlink(path, link)


def disable(name):
    _, made = links(name)
    for link in made:
        if os.path.islink(link):
            os.unlink(link)
        folder = os.path.dirname(link)
        if os.path.isdir(folder) and not os.listdir(folder):
            os.rmdir(folder)


def run(arguments):
    flags = [each for each in arguments if each.startswith("-")]
    command, *names = [each for each in arguments if not each.startswith("-")]
    if command == "daemon-reload":
        daemon_reload()
        return 0, ""
    if command == "is-active":
        is_active = all(name in units and (units[name].ready or units[name].listeners) for name in names)
        return (0 if is_active else 3), "" if "--quiet" in flags else "active" if is_active else "inactive"
    if command == "is-enabled":
        is_enabled = all(all(os.path.islink(link) for link in links(name)[1]) for name in names)
        return (0 if is_enabled else 1), "enabled" if is_enabled else "disabled"
    # Services end before the sockets that they were given, and begin after them.
    if command in ("stop", "restart") or "--now" in flags and command == "disable":
        for name in sorted(names, key=lambda each: each.endswith(".socket")):
            stop(name)
    if command in ("enable", "disable"):
        for name in names:
            (enable if command == "enable" else disable)(name)
    if command in ("start", "restart") or "--now" in flags and command == "enable":
        for name in sorted(names, key=lambda each: not each.endswith(".socket")):
            start(name)
    if command not in ("start", "stop", "restart", "enable", "disable"):
        raise Refused(f"Unknown command verb {command}.")
    return 0, ""


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            code, text = run(json.loads(self.rfile.readline()))
        except Refused as error:
            code, text = 1, str(error)
        try:
            self.wfile.write(json.dumps([code, text]).encode())
        except BrokenPipeError:
            pass  # whoever asked has given up: systemd, too, goes on


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def main():
    if os.path.exists(CONTROL):
        os.unlink(CONTROL)
    server = Server(CONTROL, Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # At the start of a machine: what is enabled.
    for folder in sorted(os.listdir(ENABLED)):
        if folder.endswith(".wants"):
            for name in sorted(os.listdir(f"{ENABLED}/{folder}"), key=lambda each: not each.endswith(".socket")):
                start(name)
    print(json.dumps({"event": "ready"}), flush=True)
    signal.sigwait([signal.SIGTERM, signal.SIGINT])
    # Its services are of its own process group, which goes whole, however the tests end: none of them is begun again.
    for known in list(units.values()):
        known.wanted = False
    for name in [each for each, known in units.items() if known.pid is not None]:
        stop(name)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    sys.exit(main())
