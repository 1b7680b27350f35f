"""A study on a real Slurm: what it gives, what it records, and every way in which a job can end."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import cluster
import helpers
import pytest
from cluster import wait_until
from ministudy import ALL, MiniStudy

from gold_standard import environment

pytestmark = pytest.mark.slow

PROFILE = """\
executor: slurm
jobs: 100
default-resources: {mem_mb: 200, runtime: 5}
local-cores: 1
latency-wait: 10
slurm-init-seconds-before-status-checks: 3
seconds-between-status-checks: 4
slurm-status-attempts: 60
"""


@pytest.fixture(scope="module")
def slurm():
    if why := cluster.missing():
        helpers.skip(why)
    with cluster.Slurm(timeout=20) as slurm:
        yield slurm


@pytest.fixture(scope="module")
def whole(slurm, tmp_path_factory):
    """The default study with the add-on, and both of its environments."""
    root = tmp_path_factory.mktemp("cluster") / "a study"
    helpers.render(root, add_ons=["cluster"])
    environment.prepare(root, say=lambda text: None, profile="slurm")
    return root


class Study(MiniStudy):
    """The tiny study, with a profile for our Slurm."""

    def __init__(self, root: Path, tools: Path) -> None:
        super().__init__(root)
        (root / ".tools-slurm").symlink_to(tools)
        self.python = str(root / ".tools-slurm/bin/python")
        self.write("profiles/slurm/config.yaml", PROFILE)

    def start(self, **options) -> subprocess.Popen:
        return super().start(**{"cores": None, "profile": "slurm"} | options)

    def hold(self, *outputs: str) -> None:
        for output in outputs:
            self.write(f"wait/{output}", "")

    def release(self) -> None:
        shutil.rmtree(self.root / "wait")

    def at_work(self, process: subprocess.Popen, *logs: str) -> None:
        """Wait until these steps of a call have begun."""
        paths = [self.root / ".run/logs" / f"{log}.log" for log in logs]

        def begun() -> bool:
            assert process.poll() is None, self.finish(process)
            return all(path.is_file() and "working" in path.read_text() for path in paths)

        wait_until(begun, 90, f"{logs} never began")

    @property
    def jobs(self) -> dict[str, dict]:
        """The job of each step, as the record has it."""
        steps = json.loads(self.read("record/run.json"))["steps"]
        return {" ".join([s["rule"], *s["wildcards"].values()]): s["job"] for s in steps}


@pytest.fixture
def study(tmp_path, whole, slurm):
    """A tiny study, and an empty queue after it."""
    yield Study(tmp_path / "a stüdy", whole / ".tools-slurm")
    if left := slurm.jobs():
        slurm.call("scancel", *left)
        wait_until(lambda: not slurm.jobs(), 60, "the queue does not get empty")


@pytest.fixture
def training(study):
    """A study whose two training steps are at work and wait, and the call that waits for them."""
    study.hold("seed_1.bin", "seed_2.bin")
    process = study.start()
    study.at_work(process, "train_1", "train_2")
    yield study, process
    if process.poll() is None:
        process.kill()
        process.wait()


def called(study: Path, *words: str) -> subprocess.CompletedProcess:
    """One call of the study's command, as a person makes it."""
    command = [environment.base_python(), "reproduce.py", *words]
    variables = environment.clean_environment()
    return subprocess.run(command, cwd=study, env=variables, capture_output=True, text=True)


def outputs(root: Path) -> dict[str, bytes]:
    paths = [path for name in ("models", "results") for path in (root / name).rglob("*")]
    return {str(p.relative_to(root)): p.read_bytes() for p in paths if p.is_file()}


def test_a_cluster_gives_the_same_bytes_and_the_record_tells_of_each_job(slurm, whole):
    there = called(whole, "--profile", "slurm")
    assert there.returncode == 0, there.stdout + there.stderr
    assert "12 identical" in there.stdout
    made = outputs(whole)
    record = json.loads((whole / "record/run.json").read_text("utf-8"))
    jobs = [step["job"] for step in record["steps"] if step["rule"] != "download_data"]
    assert len({job["id"] for job in jobs}) == len(jobs) == 8  # one for each seed
    assert {job["node"] for job in jobs} <= set(cluster.NODES)
    assert all(job["partition"] == "main" and job["waited_seconds"] >= 0 for job in jobs)
    assert "id" not in record["steps"][0]["job"]  # the download stays where the network is
    assert all(step["cpu_seconds"] > 0.1 for step in record["steps"])
    assert all(step["peak_memory_bytes"] > 2**20 for step in record["steps"])
    assert all(node["cpu"]["model"] for node in record["nodes"].values())
    assert "| Cluster | 8 jobs on " in (whole / "README.md").read_text("utf-8")
    again = called(whole)  # here: what ran there counts
    assert "Nothing to do" in again.stdout, again.stdout + again.stderr
    for name in (".run", "models", "data/raw", "data/processed"):
        shutil.rmtree(whole / name)
    here = called(whole)
    assert here.returncode == 0, here.stdout + here.stderr
    assert outputs(whole) == made


def test_resources_reach_slurm(study, slurm):
    study.edit("config.yaml", "smoke:", "resources:\n  default: {runtime: 7}\n"
               "  train: {mem_mb: 300, runtime: 9, slurm_partition: second}\nsmoke:")  # fmt: skip
    study.hold("raw.txt", "seed_1.bin", "seed_2.bin")
    process = study.start()
    study.at_work(process, "raw")
    asked = ["squeue", "--noheader", "--format", "%l %m %P"]
    assert slurm.call(*asked).stdout.split() == ["7:00", "200M", "main"]
    (study.root / "wait/raw.txt").unlink()
    study.at_work(process, "train_1", "train_2")
    assert slurm.call(*asked).stdout.split() == ["9:00", "300M", "second"] * 2
    study.release()
    result = study.finish(process)
    assert (result.status, result.steps) == (0, ALL), result.err
    assert {study.jobs[f"train {seed}"]["node"] for seed in (1, 2)} == {"node2"}


def test_a_cancelled_job_is_named_and_the_next_call_takes_it_up(training, slurm):
    study, process = training
    (first, _) = slurm.jobs("RUNNING")
    slurm.call("scancel", first)
    wait_until(lambda: first not in slurm.jobs(), 60, "not cancelled")
    study.release()
    result = study.finish(process)
    assert result.status == 1
    assert f"Slurm's job {first} on node" in result.err and "it was cancelled" in result.err
    assert "What Slurm wrote: " in result.err and "Mend it and call again" in result.err
    again = study.run()
    assert again.status == 0, again.err
    assert len(again.steps & {"train seed=1", "train seed=2"}) == 1 and "raw" not in again.steps


def test_a_failing_step_shows_its_log(study):
    study.edit("config.yaml", "trees: 3", "trees: fail")
    result = study.run()
    assert result.status == 1
    assert "it failed" in result.err and "AssertionError: asked to fail" in result.err
    assert "never began" not in result.err


def test_ctrl_c_cancels_the_jobs(training, slurm):
    study, process = training
    process.send_signal(signal.SIGINT)
    result = study.finish(process)
    assert result.status == 2 and "Stopped. The next call goes on from here." in result.err
    wait_until(lambda: not slurm.jobs(), 60, "jobs go on")


def test_what_a_killed_call_left_in_the_queue_is_cancelled_by_the_next(training, slurm):
    study, process = training
    mine = set(slurm.jobs())
    stranger = slurm.call("sbatch", "--parsable", "--wrap", "sleep 600", "-o", "/dev/null").stdout
    process.kill()
    process.wait()
    assert set(slurm.jobs()) >= mine
    study.release()
    result = study.run(profile=None, cores=2)  # also where it goes on without the cluster
    assert result.status == 0, result.err
    assert "Cancelling jobs that an interrupted call left" in result.out
    assert slurm.jobs() == [stranger.strip()]


def test_a_controller_that_restarts_disturbs_nothing(training, slurm):
    study, process = training
    slurm.end("slurmctld")
    study.release()  # the steps end while nobody is there to hear of it
    wait_until(lambda: len(list((study.root / ".run/done").iterdir())) == 3, 60, "steps go on")
    slurm.start_controller()
    result = study.finish(process)
    assert (result.status, result.steps) == (0, ALL), result.out + result.err


def test_a_node_that_goes_down_is_named_and_the_next_call_takes_another(training, slurm):
    study, process = training
    rows = [row.split() for row in slurm.call("squeue", "-h", "-o", "%i %N").stdout.splitlines()]
    lost = rows[0][1]
    with slurm.without(lost):
        study.release()
        result = study.finish(process)
        assert result.status == 1, result.out
        assert f"on {lost}: the node failed" in result.err
        again = study.run()
    assert again.status == 0, again.err
    assert lost not in {study.jobs[label]["node"] for label in ("evaluate", "figure")}


@pytest.mark.exhaustive
def test_a_job_that_must_give_way_is_named_and_taken_up(study, slurm):
    study.edit("config.yaml", "smoke:", "resources:\n  train: {slurm_partition: low}\nsmoke:")
    study.hold("seed_1.bin", "seed_2.bin")
    process = study.start()
    study.at_work(process, "train_1", "train_2")
    words = "sbatch --parsable -p high -N 2 --exclusive -o /dev/null --wrap".split()
    urgent = slurm.call(*words, "sleep 300").stdout.strip()
    result = study.finish(process)
    assert result.status == 1 and "it had to give way to another job" in result.err
    slurm.call("scancel", urgent)
    study.release()
    again = study.run()
    assert (again.status, again.steps) == (0, ALL - {"raw"}), again.err


def test_a_folder_that_a_node_does_not_see_is_named(study, slurm):
    study.edit("config.yaml", "smoke:", "resources:\n  default: {slurm_partition: second}\nsmoke:")
    with slurm.blind("node2", study.root.parent):
        result = study.run()
    assert result.status == 1
    assert f"Do the nodes see the folder {study.root} under this path" in result.err


@pytest.mark.exhaustive
def test_a_job_past_its_time_is_named_with_the_cure(study):
    study.edit("config.yaml", "smoke:", "resources:\n  train: {runtime: 1}\nsmoke:")
    study.hold("seed_1.bin")
    result = study.run()  # Slurm's shortest time is a minute
    assert result.status == 1
    assert "it took more time than it may; config.yaml, resources, gives more runtime" in result.err
    study.release()
    again = study.run()
    assert again.status == 0 and "train seed=2" not in again.steps, again.err


def test_slurm_that_does_not_take_a_job_is_quoted(study):
    study.edit("config.yaml", "smoke:", "resources:\n  raw: {slurm_partition: nowhere}\nsmoke:")
    result = study.run()
    assert result.status == 1
    assert "Slurm did not take the job: " in result.err and "nowhere" in result.err


@pytest.mark.exhaustive
def test_a_trial_runs_there_too_and_touches_nothing_else(study):
    result = study.run(smoke=True)
    assert result.status == 0, result.err
    assert (study.root / "runs/smoke/results/metrics.csv").is_file()
    assert not (study.root / "results").exists() and not (study.root / "record").exists()


@pytest.mark.exhaustive
def test_forty_seeds_are_an_edit_of_one_line(study):
    study.edit("config.yaml", "seeds: [1, 2]", f"seeds: {list(range(1, 41))}")
    result = study.run()
    assert result.status == 0, result.err
    assert len(result.steps) == 43
    assert len({job["id"] for job in study.jobs.values()}) == 43
