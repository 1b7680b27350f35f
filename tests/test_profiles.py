"""What a profile and config.yaml may say about a cluster; what a node's job is taken for."""

import json
import platform
import stat
import sys
import threading
from types import SimpleNamespace

import pytest

from gold_standard import cli, cluster, environment, manuscript, record, step
from gold_standard._immutables import install
from gold_standard.errors import Refusal

GOOD = "executor: slurm\njobs: 5\n"


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A folder with a profile, on a machine that has Slurm's commands and no Slurm."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sbatch", "squeue", "scontrol"):
        program(programs / name, "exit 1")
    monkeypatch.setenv("PATH", str(programs))
    root = tmp_path / "study"
    (root / "profiles/slurm").mkdir(parents=True)
    write(root, GOOD)
    return root


def write(root, text):
    (root / "profiles/slurm/config.yaml").write_text(text)


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def made(root, config=None):
    return cluster.Cluster(root, "slurm", config or {}, root / ".run")


def refused(root, config=None) -> str:
    with pytest.raises(Refusal) as refusal:
        made(root, config)
    return str(refusal.value)


@pytest.mark.parametrize("text", ["jobs: 5\n", "executor: local\njobs: 5\n", "executor:\n"])
def test_a_profile_names_the_executor_of_a_cluster(study, text):
    write(study, text)
    assert "name the executor of a cluster, as in `executor: slurm`" in refused(study)


def test_an_option_that_no_run_passes_on_is_refused_with_the_nearest(study):
    write(study, GOOD + "retrys: 3\n")
    assert "passes no `retrys` on. Did you mean retries?" in refused(study)
    write(study, GOOD + "use-conda: true\n")
    assert "use-conda" in refused(study) and "default-resources" in refused(study)


def test_a_missing_executor_is_named_with_the_file_that_brings_it(study):
    write(study, "executor: moonphase\njobs: 5\n")
    assert "wants the executor moonphase, which profiles/slurm/tools.lock" in refused(study)


def test_away_from_the_login_node_it_says_where_to_call(study, monkeypatch):
    monkeypatch.setenv("PATH", str(study))
    assert "no command sbatch here" in refused(study) and "login node" in refused(study)


WRONG = [
    "train",
    ["train"],
    {1: {"mem_mb": 5}},
    {"train": {"mem_mb": "4GB"}},
    {"train": 5},
    {"train": {"mem_mb": [1]}},
    {"train": {"gpu": True}},
]


@pytest.mark.parametrize("resources", WRONG)
def test_resources_of_a_wrong_kind_are_refused_with_an_example(study, resources):
    assert "`train: {mem_mb: 4000, runtime: 30}`" in refused(study, {"resources": resources})


def test_resources_of_a_step_that_does_not_exist_are_refused_with_the_nearest():
    one = object.__new__(cluster.Cluster)
    one._asked = {"default": {}, "trian": {"mem_mb": 5}}
    with pytest.raises(Refusal, match="there is no step trian. Did you mean train?"):
        one.refuse_unknown_rules({"train", "evaluate"})
    one._asked = {"default": {}, "train": {}}
    one.refuse_unknown_rules({"train", "evaluate"})


def test_a_path_that_a_command_line_would_change_is_refused(study):
    target = study.rename(study.with_name("costs $5"))
    assert "name its folders without $" in refused(target)


@pytest.mark.parametrize("name", ["slrum", "../slurm", "SLURM", "a b"])
def test_a_profile_that_is_not_there_is_refused_with_those_that_are(study, name):
    with pytest.raises(Refusal, match=r"no profiles/.*/config.yaml. This study has slurm."):
        environment.tools(study, name)


def test_without_the_add_on_it_says_what_brings_it(tmp_path):
    with pytest.raises(Refusal, match="The add-on `cluster` brings profiles/slurm/: copier"):
        environment.tools(tmp_path, "slurm")


def test_only_a_profile_with_a_lock_gets_an_environment_of_its_own(study):
    assert environment.tools(study, "slurm").folder == study / ".tools"
    (study / "profiles/slurm/tools.lock").write_text("# 0 packages\n")
    own = environment.tools(study, "slurm")
    assert own.folder == study / ".tools-slurm"
    assert own.locks == [study / "tools/tools.lock", study / "profiles/slurm/tools.lock"]


def test_cores_and_other_commands_have_nothing_to_do_with_a_profile():
    with pytest.raises(Refusal, match="how many jobs a cluster gets at a time by `jobs`"):
        cli.parse(["--profile", "slurm", "--cores", "2"])
    with pytest.raises(Refusal, match="--profile has no meaning for verify"):
        cli.parse(["verify", "--profile", "slurm"])


@pytest.mark.parametrize(
    ("wish", "hint"), [("mem_bm", "Did you mean mem_mb?"), ("partition", "slurm_partition")]
)
def test_a_resource_that_slurm_does_not_know_is_refused_with_the_nearest(study, wish, hint):
    told = refused(study, {"resources": {"train": {wish: 4000}}})
    assert f"resources, train: Slurm has no {wish}." in told and hint in told


def test_a_broken_profile_is_called_by_its_path(study):
    write(study, "executor: [slurm\n")
    assert "profiles/slurm/config.yaml cannot be read" in refused(study)


def queue(study, *rows: str, then: str = "exit 0"):
    """Let squeue say these rows until something is cancelled; scancel keeps what it is given."""
    folder = study.parent / "programs"
    said = "".join(f"echo '{row}'; " for row in rows)
    gone = f"[ -e {folder}/cancelled ]"
    program(folder / "squeue", f"{gone} || {{ {said} true; }}; {then}")
    program(folder / "scancel", f'echo "$@" > {folder}/cancelled')
    return folder / "cancelled"


def test_orphans_are_cancelled_and_a_strangers_jobs_are_not(study, capsys):
    state = study / ".run"
    mine = f"{cluster._prefix(state)}_1234"
    cancelled = queue(
        study, f"{mine} 14 ", "gold-0000000000000000_5 15 ", "wrap 16 ", f"{mine} 17 "
    )
    cluster.end_orphans(state, platform.node())
    assert cancelled.read_text().split() == ["14", "17"]
    assert "Cancelling jobs that an interrupted call left: 14, 17." in capsys.readouterr().out
    cluster.end_orphans(state, platform.node())  # none is left


def test_jobs_of_a_call_on_another_computer_are_named_and_left_alone(study):
    cancelled = queue(study, f"{cluster._prefix(study / '.run')}_1234 14 ")
    with pytest.raises(Refusal, match="A call on login2 has jobs in the queue: 14.*scancel 14"):
        cluster.end_orphans(study / ".run", "login2")
    assert not cancelled.exists()


def test_a_queue_that_does_not_answer_is_no_empty_queue(study, monkeypatch):
    queue(study, then="exit 1")
    with pytest.raises(Refusal, match="squeue does not answer here"):
        cluster.end_orphans(study / ".run", platform.node())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Refusal, match="squeue does not answer here"):
        cluster.end_orphans(study / ".run", platform.node())


def test_why_a_job_waits_for_ever_is_told_once(study, capsys):
    one = object.__new__(cluster.Cluster)
    one._state, one._told = study / ".run", set()
    mine = f"{cluster._prefix(one._state)}_1"
    queue(study, f"{mine} 14 PartitionTimeLimit", f"{mine} 15 Priority", f"{mine} 16 Resources")
    one._tell_waiting()
    one._tell_waiting()
    told = capsys.readouterr().out
    assert told.count("keeps job 14 waiting: PartitionTimeLimit") == 1
    assert "job 15" not in told and "job 16" not in told


@pytest.mark.parametrize(("storage", "asked"), [("slurmdbd", "sacct"), ("none", "squeue")])
def test_how_jobs_ended_is_asked_where_it_is_kept(study, storage, asked):
    text = f"echo 'AccountingStorageType   = accounting_storage/{storage}'"
    program(study.parent / "programs" / "scontrol", text)
    assert cluster._status_command() == asked


def test_what_a_job_may_take_comes_from_both_files(study):
    install()
    from snakemake.resources import Resources

    one = object.__new__(cluster.Cluster)
    one._state, one._config = study / ".run", {"threads": 2}
    one._asked = {"default": {"runtime": 7}, "train": {"mem_mb": 300}}
    parsed = lambda **wishes: Resources.from_mapping(wishes)  # noqa: E731
    one._options = SimpleNamespace(
        jobs=5, local_cores=1, set_threads={}, default_resources=parsed(mem_mb=1, runtime=1),
        set_resources={"train": parsed(mem_mb=2, gpu=1), "evaluate": parsed(mem_mb=3)},
    )  # fmt: skip
    found = one.resources()
    values = lambda group: {key: str(value.raw) for key, value in group.items()}  # noqa: E731
    assert values(found["default_resources"]) == {
        "mem_mb": "1", "runtime": "7", "cpus_per_task": "2",
        "shell_exec": json.dumps(f"{study}/.run/step"),
    }  # fmt: skip
    assert values(found["overwrite_resources"]["train"]) == {"mem_mb": "300", "gpu": "1"}
    assert values(found["overwrite_resources"]["evaluate"]) == {"mem_mb": "3"}
    assert found["nodes"] == 5


def test_the_nodes_get_the_whole_configuration(study):
    one = object.__new__(cluster.Cluster)
    one.over, one._config = study / "over.json", {"seed": 1, "train": {"trees": 3}}
    one.keep({"pathvars": {"data": "data"}})
    kept = json.loads(one.over.read_text())
    assert kept == {"seed": 1, "train": {"trees": 3}, "pathvars": {"data": "data"}}


def test_the_record_describes_the_computer_that_did_most(tmp_path):
    for node in ("a", "b"):
        (tmp_path / f"{node}.json").write_text(json.dumps({"memory_bytes": ord(node)}))
    steps = [{"job": {"node": node}} for node in "abb"]
    assert record._nodes(tmp_path, steps) == (
        {"b": {"memory_bytes": 98}, "a": {"memory_bytes": 97}}, {"memory_bytes": 98}
    )  # fmt: skip
    here = [{}, {}, {}, {}, *steps]  # most of it later, and on this computer
    assert record._nodes(tmp_path, here)[1] is None
    assert record._nodes(tmp_path, [{}]) == ({}, None)


def test_a_step_knows_its_job(monkeypatch, tmp_path):
    program(tmp_path / "squeue", "echo '2026-11-22T10:00:00|2026-11-22T10:02:05|main'")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    monkeypatch.setenv("SLURMD_NODENAME", "node7")
    expected = {"node": "node7", "id": "12", "partition": "main", "waited_seconds": 125.0}
    assert step.cluster_job() == expected
    program(tmp_path / "squeue", "echo nonsense; exit 1")  # nothing that a result depends on
    assert step.cluster_job() == {"node": "node7", "id": "12"}
    monkeypatch.delenv("SLURM_JOB_ID")
    assert list(step.cluster_job()) == ["node"]


def test_a_record_that_a_shared_disk_shows_late_is_waited_for(tmp_path):
    one = object.__new__(cluster.Cluster)
    one._options = SimpleNamespace(latency_wait=5)
    late = threading.Timer(0.5, (tmp_path / "late").touch)
    late.start()
    one.wait_for([tmp_path / "late"])
    assert (tmp_path / "late").exists()
    one._options = SimpleNamespace(latency_wait=0.3)
    one.wait_for([tmp_path / "never"])  # the run then names the step


def test_why_a_job_ended_is_told_in_words(study, monkeypatch):
    one = object.__new__(cluster.Cluster)
    one._root, one._state, one._preempted = study, study / ".run", set()
    why = "SLURM-job '12' failed, SLURM status is: 'TIMEOUT'. Detailed failure reason unavailable"
    (study / ".run/jobs").mkdir(parents=True)
    (study / ".run/jobs/abc.json").write_text(json.dumps({"node": "node7", "id": "12"}))
    assert one.explain("abc", why) == [
        "Slurm's job 12 on node7: it took more time than it may; "
        "config.yaml, resources, gives more runtime."
    ]
    assert one.explain("other", "Job submission failed with exception: no Slurm") == [
        "Slurm did not take the job: Job submission failed with exception: no Slurm"
    ]
    assert one.explain("abc", "") == []  # of a step that ran here its own log says all
    failed = why.replace("TIMEOUT", "FAILED")
    assert "never began" not in "".join(one.explain("abc", failed))
    assert "never began" in "".join(one.explain("other", failed))
    assert "never began" not in "".join(one.explain("other", why.replace("TIMEOUT", "CANCELLED")))
    one._preempted = {"12"}
    cancelled = why.replace("TIMEOUT", "CANCELLED")
    assert "give way" in one.explain("abc", cancelled)[0]
    refused = "SLURM sbatch failed. The error message was 'sbatch: error: no such partition'.\n  x"
    assert one.explain("abc", refused) == [
        "Slurm did not take the job: sbatch: error: no such partition"
    ]


def test_the_papers_tell_of_jobs_and_nodes():
    steps = [
        {"job": {"node": "a", "id": "1", "waited_seconds": 1.0}},
        {"job": {"node": "b", "id": "2", "waited_seconds": 90.0}},
        {"job": {"node": "login"}},
    ]
    told = manuscript._cluster({"steps": steps, "nodes": {}})
    assert told == "2 jobs on 2 nodes; 1 min 30 s in the queue at most"
    assert manuscript._cluster({"steps": [{}]}) == ""


def test_a_nodes_python_has_a_path_without_blanks(monkeypatch, tmp_path):
    """The line in .tools-slurm that Python runs as it starts."""
    line = environment.FOR_EXECUTORS.splitlines()[2]
    monkeypatch.chdir(tmp_path)
    python = tmp_path / "a b" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    exec(line, {})
    assert sys.executable == str(python)
    monkeypatch.setenv("GOLD_PROFILE", "slurm")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b").mkdir()
    monkeypatch.chdir(tmp_path / "a b")
    exec(line, {})
    assert sys.executable == "python"
    assert line.isascii()
