"""A real Slurm on this machine: a controller and two nodes on loopback, from Debian's packages.

Without systemd, control groups or a database. It needs root, as the daemons change users.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol")
LINK = Path("/etc/slurm/slurm.conf")  # Snakemake's plugin drops SLURM_CONF, so it must lie there
NODES = ("node1", "node2")

CONF = """\
ClusterName=local
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={folder}/munge/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,batch_sched_delay=0
MinJobAge=600
JobRequeue=0
ReturnToService=2
MpiDefault=none
PropagateResourceLimits=NONE
KillWait=5
SlurmdTimeout={timeout}
NodeName=DEFAULT CPUs=2 RealMemory=8000 State=UNKNOWN
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port=17001
NodeName=node2 NodeHostname={host} NodeAddr=127.0.0.1 Port=17002
PartitionName=main Nodes=node1,node2 Default=YES MaxTime=60 State=UP
PartitionName=second Nodes=node2 MaxTime=60 State=UP
PartitionName=low Nodes=node1,node2 MaxTime=60 State=UP PriorityTier=1 PreemptMode=CANCEL
PartitionName=high Nodes=node1,node2 MaxTime=60 State=UP PriorityTier=9
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
"""


def missing() -> str:
    """Why there can be no Slurm here; empty where there can."""
    if not hasattr(os, "geteuid") or os.geteuid():
        return "a Slurm of our own needs root"
    lacking = [name for name in PROGRAMS if not shutil.which(name)]
    if lacking:
        return f"not installed: {', '.join(lacking)} (Debian: slurm-wlm munge)"
    if os.path.lexists(LINK):
        return f"{LINK} is there: this machine has a Slurm that is not ours"
    return ""


class Slurm:
    """A cluster of one controller and two nodes, until `stop`."""

    def __init__(self, timeout: int = 300) -> None:
        """`timeout` is how long a node may be silent before it counts as down, in seconds."""
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        self.folder.chmod(0o755)
        for name in ("munge", "state", "log", *(f"spool-{node}" for node in NODES)):
            (self.folder / name).mkdir()
        self.conf = self.folder / "slurm.conf"
        self.conf.write_text(
            CONF.format(host=_host(), folder=self.folder, timeout=timeout), encoding="utf-8"
        )
        self._daemons: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> "Slurm":
        try:
            self._munge()
            LINK.parent.mkdir(exist_ok=True)
            LINK.symlink_to(self.conf)
            self.start_controller()
            for node in NODES:
                self.start_node(node)
            self.wait_for_nodes()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        """End every daemon by its process, then take away what lies outside the own folder."""
        for name in reversed(list(self._daemons)):
            self.end(name)
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(LINK) == str(self.conf):
                LINK.unlink()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_controller(self) -> None:
        self._start("slurmctld", ["slurmctld", "-D", "-f", str(self.conf)])
        wait_until(lambda: self.call("scontrol", "ping").returncode == 0, 20, "no controller")

    def start_node(self, node: str, *before: str) -> None:
        """Start a node's daemon, behind the words `before` of another command where there are."""
        self._start(node, [*before, "slurmd", "-D", "-N", node, "-f", str(self.conf)])

    def wait_for_nodes(self, *nodes: str) -> None:
        names = ",".join(nodes or NODES)

        def idle() -> bool:
            states = self.call("sinfo", "-h", "-N", "-n", names, "-p", "main", "-o", "%t").stdout
            return states.split() == ["idle"] * len(names.split(","))

        wait_until(idle, 40, f"{names} not idle")

    def end(self, name: str) -> None:
        """End one daemon and wait for it."""
        process = self._daemons.pop(name)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @contextlib.contextmanager
    def without(self, node: str):
        """Let a node vanish with all that runs on it, as if its power were cut; it comes back."""
        self._lose(node)
        try:
            yield
        finally:
            self.start_node(node)
            self.wait_for_nodes()

    @contextlib.contextmanager
    def blind(self, node: str, folder: Path):
        """Let a node see an empty folder there."""
        script = 'mount -t tmpfs none "$0" && exec "$@"'
        self.end(node)
        self.start_node(node, "unshare", "--mount", "--", "sh", "-c", script, str(folder))
        self.wait_for_nodes()
        try:
            yield
        finally:
            self.end(node)
            self.start_node(node)
            self.wait_for_nodes()

    def _lose(self, node: str) -> None:
        lost = {process for process in psutil.process_iter() if _runs_on(process, node)}
        above = {process.parent() for process in lost}
        shepherds = {one for one in above - {None} if one.name() == "slurmstepd"}
        self._daemons[node].kill()
        for process in [*shepherds, *lost]:  # those first that would tell the controller
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.end(node)

    def call(self, *words: str) -> subprocess.CompletedProcess:
        """One of Slurm's commands."""
        return subprocess.run(words, capture_output=True, text=True, timeout=60)

    def jobs(self, state: str = "") -> list[str]:
        """The numbers of the jobs that wait or run."""
        wanted = ["-t", state] if state else []
        return self.call("squeue", "-h", "-o", "%i", *wanted).stdout.split()

    def _munge(self) -> None:
        folder = self.folder / "munge"
        key = folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        files = [f"--{name}-file={folder / name}" for name in ("pid", "log", "seed")]
        socket_file = folder / "munge.socket"
        words = ["munged", "--foreground", "--force", f"--key-file={key}", *files]
        self._start("munged", [*words, f"--socket={socket_file}"])
        wait_until(socket_file.exists, 10, "no munge")

    def _start(self, name: str, words: list[str]) -> None:
        log = (self.folder / "log" / f"{name}.out").open("ab")
        self._daemons[name] = subprocess.Popen(words, stdout=log, stderr=log)


def wait_until(holds, seconds: float, otherwise: str) -> None:
    """Look again and again; AssertionError after so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.1)


def _runs_on(process: psutil.Process, node: str) -> bool:
    try:
        return process.environ().get("SLURMD_NODENAME") == node
    except psutil.Error:
        return False


def _host() -> str:
    return socket.gethostname().partition(".")[0]
