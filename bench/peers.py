"""Other programs: which are installed, how to get the others, and how each is run.

`python -m bench.peers` installs what is missing: Debian's packages as root, Python's into an environment of their own.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping

PYTHON_PEERS = os.path.expanduser("~/.cache/mediaforge-bench/peers")

# Program: where it comes from (apt or pip) and its package's name there.
PEERS: Mapping[str, tuple[str, str]] = {
    "minidlnad": ("apt", "minidlna"),
    "exiftool": ("apt", "libimage-exiftool-perl"),
    "mediainfo": ("apt", "mediainfo"),
    "ffprobe": ("apt", "ffmpeg"),
    "plocate": ("apt", "plocate"),
    "mpd": ("apt", "mpd"),
    "jdupes": ("apt", "jdupes"),
    "rmlint": ("apt", "rmlint"),
    "beet": ("pip", "beets"),
    "library": ("pip", "xklb"),
}
_VERSIONS = {"minidlnad": "-V", "exiftool": "-ver", "mediainfo": "--Version", "ffprobe": "-version", "beet": "version"}
_PATIENCE = 300  # seconds for a peer's whole scan


def find(name: str) -> str | None:
    """Return the path of a peer's program, or None where it is not installed."""
    own = os.path.join(PYTHON_PEERS, "bin", name)
    return own if os.access(own, os.X_OK) else shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def missing() -> list[str]:
    """Return the peers that are not installed."""
    return [name for name in PEERS if find(name) is None]


def versions() -> dict[str, str]:
    """Return what each installed peer says of its version."""
    told = {}
    for name in PEERS:
        if path := find(name):
            command, environ = [path, _VERSIONS.get(name, "--version")], {**os.environ, "BEETSDIR": PYTHON_PEERS}
            said = subprocess.run(command, capture_output=True, text=True, env=environ).stdout
            number = re.search(r"\d+(\.\d+)+", said)
            told[name] = number[0] if number else "?"
    return told


def minidlna(folder: str, kinds: str = "AVP") -> tuple[float, int]:
    """Let minidlnad scan a folder from nothing; return the seconds until it says that it has, and the files it took."""
    program = find("minidlnad")
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="mediaforge-minidlna-") as scratch:
        settings = {"media_dir": f"{kinds},{folder}", "db_dir": scratch, "log_dir": scratch, "port": "18200", "inotify": "no"}
        settings |= {"notify_interval": "3600", "friendly_name": "bench"}
        config, log = os.path.join(scratch, "minidlna.conf"), os.path.join(scratch, "minidlna.log")
        with open(config, "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in settings.items())
        began = time.perf_counter()
        process = subprocess.Popen(
            [program, "-R", "-S", "-f", config, "-P", os.path.join(scratch, "pid")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while (took := time.perf_counter() - began) < _PATIENCE and process.poll() is None:
                if done := re.search(r"Scanning .* finished \((\d+) files\)", _text(log)):
                    return took, int(done[1])
                time.sleep(0.005)
            raise RuntimeError(f"minidlnad did not finish: {_text(log)[-300:]}")
        finally:
            process.kill()
            process.wait()


def mpd(folder: str) -> tuple[float, int]:
    """Let mpd make its database of a folder of music; return the seconds until it says that it has, and its songs."""
    program = find("mpd")
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="mediaforge-mpd-") as scratch:
        config, where = os.path.join(scratch, "mpd.conf"), os.path.join(scratch, "socket")
        with open(config, "w") as file:
            file.write(f'music_directory "{folder}"\ndb_file "{scratch}/db"\nbind_to_address "{where}"\n')
            file.write('audio_output {\n  type "null"\n  name "none"\n}\n')
        began = time.perf_counter()
        process = subprocess.Popen(
            [program, "--no-daemon", config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while time.perf_counter() - began < _PATIENCE and process.poll() is None:
                told = _ask_mpd(where)
                if "updating_db:" not in told and (songs := re.search(r"songs: ([1-9]\d*)", told)):
                    return time.perf_counter() - began, int(songs[1])
                time.sleep(0.005)
            raise RuntimeError("mpd did not finish its database")
        finally:
            process.kill()
            process.wait()


def _ask_mpd(where: str) -> str:
    """Return what mpd says of its database (https://mpd.readthedocs.io/en/latest/protocol.html); "" until it listens."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(where)
            connection.sendall(b"status\nstats\nclose\n")
            return b"".join(iter(lambda: connection.recv(4096), b"")).decode()
        except OSError:
            return ""


def _text(path: str) -> str:
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def install() -> None:
    """Install the peers that are missing, and say what could not be."""
    wanted = {source: [PEERS[name][1] for name in missing() if PEERS[name][0] == source] for source in ("apt", "pip")}
    if wanted["apt"]:
        command = ["apt-get", "install", "--yes", "--no-install-recommends", *wanted["apt"]]
        if os.geteuid() == 0 and shutil.which("apt-get"):
            subprocess.run(command, check=True)
        else:
            print(f"not installed, since that takes root; run: sudo {' '.join(command)}")
    if wanted["pip"]:
        venv.create(PYTHON_PEERS, with_pip=True)
        subprocess.run([os.path.join(PYTHON_PEERS, "bin", "pip"), "install", "--quiet", *wanted["pip"]], check=True)
    print(f"missing: {', '.join(missing()) or 'nothing'}", file=sys.stderr)


if __name__ == "__main__":
    install()
