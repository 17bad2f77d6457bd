# SPDX-License-Identifier: Apache-2.0
"""A fresh Debian 12 with its own systemd, in namespaces of this machine: the units run as they would anywhere. Needs root,
and mmdebstrap once, to make what all machines start from."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "openpcc"
ARCHIVE = "http://deb.debian.org/debian"
SOURCES = [f"deb {ARCHIVE} bookworm main", f"deb {ARCHIVE} bookworm-updates main",
           "deb http://deb.debian.org/debian-security bookworm-security main"]
# They would reach around the namespaces to the machine below.
MASKED = ["systemd-sysctl", "systemd-modules-load", "systemd-udevd", "systemd-udev-trigger", "systemd-remount-fs",
          "systemd-timesyncd", "console-getty", "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "apt-daily.timer",
          "apt-daily-upgrade.timer"]
BOOT = r"""set -e
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs dev
for device in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
  set -- $device
  mknod -m 666 dev/$1 c $2 $3
done
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
mkdir dev/shm dev/pts
ip link set lo up
mkdir -p old
pivot_root . old
umount -l /old
exec env -i container=unshare PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=journal --show-status=0
"""


class Cannot(Exception):
    """What is needed is not here: neither passed nor failed."""


def base():
    """The archive of a fresh Debian 12 with systemd; made once."""
    path = CACHE / "roots/bookworm-1.tar"
    if not path.exists():
        if shutil.which("mmdebstrap") is None:
            raise Cannot("mmdebstrap is not installed")
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd,systemd-sysv,netbase", "--format=tar",
                        "--aptopt=Acquire::Check-Valid-Until \"false\"", "bookworm", fresh, *SOURCES], check=True)
        fresh.rename(path)
    return path


class Machine:
    def __init__(self):
        if os.geteuid() != 0:
            raise Cannot("only root makes namespaces with devices and mounts")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="openpcc-machine-"))
        self.root = self.folder / "root"
        self.root.mkdir()
        self.init = None
        subprocess.run(["tar", "-C", self.root, "-xf", base()], check=True)
        for unit in MASKED:
            name = unit if "." in unit else unit + ".service"
            (self.root / "etc/systemd/system" / name).symlink_to("/dev/null")
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.init is not None:
            self.init.kill()  # unshare takes the machine's first process along, and that all others
            self.init.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def boot(self):
        log = open(self.folder / "boot.log", "wb")
        self.init = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--cgroup", "--uts", "--ipc", "--net",
                                      "--kill-child", "bash", "-c", BOOT, "boot", self.root],
                                     stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.init.poll() is not None:
                break
            if self.pid() and self.run("systemctl is-system-running", network=False)[1].strip() in ("running", "degraded"):
                return
            time.sleep(0.2)
        raise Cannot("systemd does not start in namespaces here: " + (self.folder / "boot.log").read_text()[-300:])

    def pid(self):
        """The machine's first process, as this machine numbers it."""
        children = pathlib.Path(f"/proc/{self.init.pid}/task/{self.init.pid}/children").read_text().split()
        if not children or pathlib.Path(f"/proc/{children[0]}/comm").read_text().strip() != "systemd":
            return None
        return children[0]

    def run(self, command, user="root", network=False, environment=None, seconds=300):
        """(exit code, what was printed). With network it is this machine's, else the new one's own, which leads nowhere."""
        spaces = ["-m", "-u", "-i", "-p", "-C"] + ([] if network else ["-n"])
        home = "/root" if user == "root" else f"/home/{user}"
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user != "root" else []
        full = ["nsenter", "-t", self.pid(), *spaces, "--", "env", "-i", f"HOME={home}", f"USER={user}",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
                *[f"{name}={value}" for name, value in (environment or {}).items()], *as_user, "bash", "-c",
                f"cd {home} && {{\n{command}\n}}"]
        said = subprocess.run(full, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=seconds, check=False)
        return said.returncode, said.stdout
