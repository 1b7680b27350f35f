"""The run, by the letter of design law 9, on a study of four tiny steps."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from ministudy import ALL, MiniStudy

pytestmark = pytest.mark.slow

OUTPUTS = ["data/raw.txt", "models/seed_1.bin", "results/metrics.csv", "results/figure.txt"]


@pytest.fixture
def study(tmp_path):
    return MiniStudy(tmp_path / "a stüdy")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A study after its first complete run; tests work on copies of it."""
    study = MiniStudy(tmp_path_factory.mktemp("finished") / "study")
    result = study.run()
    assert (result.status, result.steps) == (0, ALL), result.err
    return study


@pytest.fixture
def done(finished, study):
    shutil.rmtree(study.root)
    shutil.copytree(finished.root, study.root, symlinks=True)
    return study


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def hold(study, step):
    """Make a step wait until it is released."""
    study.write(f"wait/{step}", "")


def release(study, step):
    (study.root / "wait" / step).unlink()


def test_a_second_call_has_nothing_to_do(done):
    result = done.run()
    assert result.status == 0
    assert "Nothing to do" in result.out


@pytest.mark.parametrize(
    "name, old, new, steps",
    [
        ("config.yaml", "rows: 10", "rows: 11", ALL),
        ("config.yaml", "trees: 3", "trees: 4", ALL - {"raw"}),
        ("config.yaml", "bins: 4", "bins: 5", {"figure"}),
        (
            "config.yaml",
            "seeds: [1, 2]",
            "seeds: [1, 2, 3]",
            {"train seed=3", "evaluate", "figure"},
        ),
        ("src/train.py", "trees", "leaves", ALL - {"raw"}),
        ("scripts/table.py", "One", "1", {"evaluate", "figure"}),
        ("config.yaml", "seed: 7", "seed: 7  # mine", set()),
        ("requirements.lock", "", "numpy==1.0\n", ALL),
    ],
)
def test_a_change_runs_exactly_the_steps_that_depend_on_it(done, name, old, new, steps):
    done.edit(name, old, new)
    assert done.run().steps == steps


def test_a_deleted_record_of_a_step_makes_it_run_again(done):
    for path in (done.root / ".run/done").iterdir():
        if json.loads(path.read_text())["rule"] == "figure":
            path.unlink()
    assert done.run().steps == {"figure"}


@pytest.mark.parametrize("touched", ["scripts/step.py", "config.yaml", *OUTPUTS])
def test_touching_a_file_runs_nothing(done, touched):
    os.utime(done.root / touched, (time.time() + 1000, time.time() + 1000))
    assert done.run().steps == set()


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("how", ["falsified", "deleted"])
def test_a_falsified_or_deleted_output_is_made_again(done, output, how):
    before = done.outputs()
    path = done.root / output
    if how == "deleted":
        path.unlink()
    else:
        times = path.stat()
        path.write_bytes(path.read_bytes().replace(b"1", b"2"))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert done.outputs() != before
    result = done.run()
    assert result.status == 0
    assert done.outputs() == before


@pytest.mark.parametrize("output", OUTPUTS[2:])
def test_a_falsified_result_that_came_with_the_folder_is_caught(done, output):
    shutil.rmtree(done.root / ".run")
    (done.root / output).write_bytes((done.root / output).read_bytes().replace(b"0", b"9"))
    falsified = (done.root / output).read_bytes()
    result = done.run()
    assert result.steps == ALL
    assert result.status == 1
    assert result.kinds[output] == "different"
    assert "Not reproduced" in result.out and "Did you put your own data" in result.out
    assert (done.root / ".run/reference" / output).read_bytes() == falsified


def test_results_that_came_with_the_folder_are_never_taken_as_done(done):
    shutil.rmtree(done.root / ".run")
    result = done.run()
    assert (result.status, result.steps) == (0, ALL)
    assert set(result.kinds.values()) == {"identical"}
    assert "Reproduced: 4 files of results and models as in the results that came" in result.out


def test_inside_git_the_reference_is_the_last_commit(done):
    done.commit()
    shutil.rmtree(done.root / ".run")
    (done.root / "results/metrics.csv").write_text("falsified but not committed\n")
    result = done.run()
    assert (result.status, set(result.kinds.values())) == (0, {"identical"})
    done.write("results/metrics.csv", "model,score\n0,0.5\n")
    done.commit()
    result = done.run()
    assert (result.status, result.kinds["results/metrics.csv"]) == (1, "different")


@pytest.mark.parametrize("output", OUTPUTS[2:])
@pytest.mark.parametrize("how", ["falsified", "deleted", "touched"])
def test_in_a_fresh_clone_every_output_is_made_again(done, tmp_path, output, how):
    before = done.outputs()
    done.commit()
    clone = MiniStudy.__new__(MiniStudy)
    clone.root, clone.said = tmp_path / "clone", tmp_path
    done.git("clone", "-q", ".", str(clone.root))
    path = clone.root / output
    if how == "falsified":
        path.write_bytes(path.read_bytes().replace(b"0", b"9"))
    elif how == "deleted":
        path.unlink()
    else:
        os.utime(path)
    (clone.root / ".venv/bin").mkdir(parents=True)
    (clone.root / ".venv/bin/python").symlink_to(sys.executable)
    result = clone.run()
    assert (result.status, result.steps) == (0, ALL)
    assert set(result.kinds.values()) == {"identical"}
    assert clone.outputs() == before


def test_what_differs_because_of_a_change_says_so(done):
    done.commit()
    done.edit("config.yaml", "trees: 3", "trees: 4")
    result = done.run()
    assert result.status == 0
    assert "because you changed config.yaml" in result.out
    assert result.kinds["models/seed_1.bin"] == "different"


@pytest.mark.parametrize("noise, status", [("secret", 0), ("unknown", 1)])
def test_secret_noise_excuses_what_follows_from_it_and_no_other_noise_does(noise, status, done):
    done.edit("Snakefile", "{wildcards.seed} >", f"{{wildcards.seed}} --noise {noise} >")
    random = 'import os\ntexts += [os.urandom(8).hex()] if "--noise" in words else []\n'
    done.edit("scripts/step.py", 'assert "fail"', f'{random}assert "fail"')
    assert done.run().status == 0
    done.commit()
    shutil.rmtree(done.root / ".run")
    result = done.run()
    assert result.status == status, result.out
    assert result.kinds["models/seed_1.bin"] == result.kinds["results/metrics.csv"] == "different"
    assert ("its noise is secret, so no two runs have the same" in result.out) is (status == 0)
    assert ("from your changes, or from secret noise" in result.out) is (status == 0)


def test_a_commit_whose_results_are_older_than_its_code_is_not_reproduced(done):
    done.commit()
    done.edit("src/train.py", "trees", "leaves")
    done.commit()
    result = done.run()
    assert result.status == 1
    assert "because you changed" not in result.out
    assert "The commit's results are older than its code" in result.out


@pytest.mark.parametrize("name", ["config.yaml", "Snakefile", "README.md", "notes.txt"])
def test_an_edit_that_changes_no_step_explains_nothing(done, name):
    done.write("results/metrics.csv", "model,score\n0,0.5\n")
    done.commit()
    done.write(name, (done.read(name) if (done.root / name).exists() else "") + "# note\n")
    result = done.run()
    assert (result.status, result.kinds["results/metrics.csv"]) == (1, "different")


def test_a_change_explains_only_what_is_made_from_it(done):
    done.write("results/metrics.csv", "model,score\n0,0.5\n")
    done.commit()
    done.edit("config.yaml", "bins: 4", "bins: 5")
    result = done.run()
    assert result.status == 1, "the figure is explained, the table is not"
    assert "because you changed config.yaml" in result.out


def test_outside_git_a_change_after_the_first_run_explains_what_follows(done):
    """As in a folder that was just rendered: results came along, and no record of them."""
    shutil.rmtree(done.root / ".run")
    shutil.rmtree(done.root / "record")
    shutil.rmtree(done.root / "models")
    assert done.run().status == 0
    done.edit("config.yaml", "trees: 3", "trees: 4")
    done.edit("config.yaml", "seeds: [1, 2]", "seeds: [1]")
    result = done.run()
    assert (result.status, result.kinds["results/metrics.csv"]) == (0, "different")
    assert "because you changed config.yaml" in result.out


def test_a_module_that_the_rule_does_not_list_counts_as_well(done):
    done.write("src/mine/__init__.py", "")
    done.write("src/mine/deep.py", "VALUE = 1\n")
    done.write("src/mine/near.py", "from . import deep\nVALUE = deep.VALUE\n")
    text = done.read("scripts/table.py")
    done.write(
        "scripts/table.py", f"import sys; sys.path.insert(0, 'src')\nimport mine.near\n{text}"
    )
    assert done.run().steps == {"evaluate", "figure"}
    assert done.run().steps == set()
    done.write("src/mine/deep.py", "VALUE = 2\n")
    assert done.run().steps == {"evaluate", "figure"}


def test_a_file_that_the_snakefile_reads_by_itself_counts_as_well(done):
    done.write("seeds.txt", "1 2")
    done.edit(
        "Snakefile", "rule all", 'config["seeds"] = open("seeds.txt").read().split()\n\nrule all'
    )
    done.run()
    done.write("seeds.txt", "1 2 3")
    assert done.run().steps == {"train seed=3", "evaluate", "figure"}


def test_white_space_in_a_setting_counts(done):
    done.edit("Snakefile", "{params.bins} >", "'{params.bins}' >")
    done.edit("config.yaml", "bins: 4", 'bins: "a b"')
    done.run()
    done.edit("config.yaml", '"a b"', '"a  b"')
    assert done.run().steps == {"figure"}


def test_a_seed_that_was_taken_out_leaves_nothing_behind(done):
    done.commit()
    done.edit("config.yaml", "seeds: [1, 2]", "seeds: [1]")
    result = done.run()
    assert not (done.root / "models/seed_2.bin").exists()
    assert (done.root / ".run/previous/models/seed_2.bin").exists()
    assert result.kinds["models/seed_2.bin"] == "missing"
    assert result.status == 0, "it is missing because of the change of config.yaml"


def test_a_folder_may_be_an_output(study):
    study.edit(
        "Snakefile", '"<results>/figure.txt",\n    log', 'directory("<results>/figures"),\n    log'
    )
    study.edit(
        "Snakefile", '"<results>/figure.txt",\n\nrule raw', '"<results>/figures",\n\nrule raw'
    )
    study.write(
        "scripts/step.py",
        study.read("scripts/step.py").replace(
            "pathlib.Path(target).write_text(",
            'path = pathlib.Path(target, *(["a.txt"] if target.endswith("figures") else []))\n'
            "path.parent.mkdir(exist_ok=True)\npath.write_text(",
        ),
    )
    assert study.run().status == 0
    assert "Nothing to do" in study.run().out


def test_without_work_the_record_keeps_its_computer(done):
    before = json.loads(done.read("record/run.json"))["cores"]
    done.write("README.md", done.read("README.md") + "more\n")
    done.run(cores=1)
    assert json.loads(done.read("record/run.json"))["cores"] == before


def test_the_papers_are_mended(done):
    table = done.read("README.md")
    done.edit("README.md", "Wall-clock time | ", "Wall-clock time | FALSE ")
    (done.root / "record/manuscript.md").unlink()
    done.run()
    assert done.read("README.md") == table
    assert (done.root / "record/manuscript.md").exists()


def test_a_lost_marker_costs_nobody_their_text(done):
    text = (
        done.read("README.md").replace("<!-- needed:end -->", "") + "mine\n`<!-- needed:end -->`\n"
    )
    done.write("README.md", text)
    assert "README.md keeps its old text" in done.run().out
    assert done.read("README.md") == text


@pytest.mark.parametrize(
    "name", [".run/state.json", "record/run.json", ".run/done/x.json", ".run/done/*.json"]
)
@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", '{"phase": "complete"}', '{"files": []}'])
def test_a_damaged_file_of_ours_is_made_again(done, name, text):
    for path in [done.root / name] if "*" not in name else list(done.root.glob(name)):
        path.write_text(text)
    result = done.run()
    assert result.status == 0, result.err
    assert json.loads(done.read("record/run.json"))["schema"] == 1


def test_ctrl_c_is_called_so_and_the_next_call_goes_on(study):
    hold(study, "seed_1.bin")
    process = study.start()
    wait_until(lambda: _at_work(study, "seed_1.bin"))
    for each in [process, *_at_work(study, "seed_1.bin")]:  # as a terminal does
        each.send_signal(signal.SIGINT)
    result = study.finish(process)
    assert (result.status, "Stopped. The next call goes on from here." in result.err) == (2, True)
    release(study, "seed_1.bin")
    again = study.run()
    assert (again.status, "raw" in again.steps) == (0, False)


def test_results_on_another_disk_are_moved_all_the_same(done, tmp_path):
    elsewhere = Path(tempfile.mkdtemp(dir="/dev/shm"))
    try:
        shutil.move(done.root / "results", elsewhere / "results")
        (done.root / "results").symlink_to(elsewhere / "results")
        done.edit("src/train.py", "trees", "leaves")
        assert done.run().status == 0
    finally:
        shutil.rmtree(elsewhere)


def test_an_unpacked_archive_compares_with_its_own_record(done):
    shutil.rmtree(done.root / ".run")
    done.edit("config.yaml", "bins: 4", "bins: 5")
    result = done.run()
    assert result.status == 0
    assert result.kinds["results/figure.txt"] == "different"
    assert "because you changed config.yaml" in result.out


@pytest.mark.parametrize("path", ["results/stray.csv", "models/old.bin"])
def test_an_output_that_no_rule_makes_is_named_and_kept(done, path):
    done.write(path, "mine\n")
    for _ in range(2):
        result = done.run()
        assert result.status == 1
        assert path in result.out
        assert done.read(path) == "mine\n"
        done.write("config.yaml", done.read("config.yaml") + "# an edit explains nothing here\n")


def test_a_committed_result_that_no_rule_makes_any_more_is_named(done):
    done.commit()
    done.edit("Snakefile", '        "<results>/figure.txt",\n\nrule raw', "\nrule raw")
    done.commit()
    result = done.run()
    assert (result.status, result.kinds["results/figure.txt"]) == (1, "missing")
    assert (done.root / ".run/previous/results/figure.txt").exists()


def test_a_failing_step_is_named_with_its_log_and_only_the_rest_is_repeated(study):
    study.edit("config.yaml", "bins: 4", "bins: fail")
    result = study.run()
    assert result.status == 1
    assert result.steps == ALL - {"figure"}
    assert "Step failed: figure" in result.err
    assert "asked to fail" in result.err
    assert ".run/logs/figure.log" in result.err
    assert not (study.root / "record").exists()
    study.edit("config.yaml", "bins: fail", "bins: 4")
    result = study.run()
    assert (result.status, result.steps) == (0, {"figure"})


@pytest.mark.parametrize("victim", ["step", "wrapper", "run"])
@pytest.mark.parametrize("at", ["raw.txt", "seed_1.bin", "metrics.csv", "figure.txt"])
def test_after_kill_9_only_unfinished_work_is_repeated(study, finished, victim, at):
    hold(study, at)
    first = study.start()
    wait_until(lambda: _at_work(study, at))
    step = _at_work(study, at)[0]
    {"step": step, "wrapper": _wrapper(step), "run": first}[victim].send_signal(signal.SIGKILL)
    if victim == "step":
        release(study, at)
    first.wait(timeout=20)
    assert step.is_running() == (victim != "step"), "a step outlives what started it"
    before = _finished(study)
    again = study.start()
    if victim != "step":
        wait_until(lambda: not step.is_running())
        release(study, at)
    told = study.finish(again)
    assert told.status == 0, told.out + told.err
    assert ("an interrupted call left running" in told.out) == (victim != "step")
    assert study.outputs() == finished.outputs()
    after = _finished(study)
    assert {name: after[name] for name in before} == before, "finished work was repeated"


def _at_work(study, target):
    """The processes of steps that make a file of this name."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "cwd"])
        if process.info["cwd"] == str(study.root)
        and len(process.info["cmdline"] or ()) > 2
        and process.info["cmdline"][1].startswith("scripts/")
        and process.info["cmdline"][2].endswith(target)
    ]


def _wrapper(step):
    return next(p for p in step.parents() if any(w.endswith("step.py") for w in p.cmdline()[:5]))


def _finished(study):
    """When each step that left a record began."""
    records = [json.loads(path.read_text()) for path in (study.root / ".run/done").glob("*.json")]
    return {(r["rule"], str(r["wildcards"])): r["started"] for r in records}


def test_a_second_call_beside_the_first_is_refused(study):
    hold(study, "raw.txt")
    first = study.start()
    wait_until(lambda: _at_work(study, "raw.txt"))
    second = study.run()
    assert second.status == 2
    assert "Another call is already running this study here." in second.err
    release(study, "raw.txt")
    assert first.wait(timeout=30) == 0


def test_a_trial_keeps_everything_apart(done):
    before = done.outputs() | {"record": done.read("record/run.json"), "r": done.read("README.md")}
    done.write("try.yaml", "train: {trees: 9}\n")
    result = done.run(config="try.yaml")
    assert (result.status, result.steps) == (0, ALL)
    assert "9" in done.read("runs/try/models/seed_1.bin")
    assert json.loads(done.read("runs/try/record/run.json"))["config"]["train"] == {"trees": 9}
    after = done.outputs() | {"record": done.read("record/run.json"), "r": done.read("README.md")}
    assert after == before
    assert done.run(config="try.yaml").steps == set()


def test_smoke_runs_everything_on_the_small_settings(done):
    result = done.run(smoke=True)
    assert (result.status, result.steps) == (0, ALL - {"train seed=2"})
    assert done.read("runs/smoke/data/raw.txt") == "2\n"


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("try.yaml", "train: {tress: 9}\n", "`train.tress` is not a key of config.yaml"),
        ("try.yaml", "- 1\n", "holds no `key: value` lines"),
        ("try.yaml", "a: [\n", "cannot be read"),
        ("smoke.yaml", "seed: 1\n", "Give the file another"),
        ("real.yaml", "seed: 1\n", "Give the file another"),
        ("try.yaml", "train: 3\n", "`train` is a block in config.yaml"),
        ("try.yaml", "seed: {a: 1}\n", "`seed` is one value in config.yaml"),
    ],
)
def test_a_trial_that_cannot_be_meant_is_refused(study, name, text, words):
    study.write(name, text)
    result = study.run(config=name)
    assert result.status == 2
    assert words in result.err
    assert not (study.root / "runs/try/results").exists()


def test_a_missing_configuration_file_is_refused(study):
    result = study.run(config="nowhere.yaml")
    assert (result.status, "nowhere.yaml is not there" in result.err) == (2, True)


def controlled(study):
    study.write(
        "pyproject.toml",
        '[tool.gold-standard]\ndata_access = "controlled"\ncontrolled_data = ["take.file"]\n',
    )
    study.edit(
        "config.yaml",
        "threads: 1",
        "threads: 1\nstandin: false\ntake: {file: data/controlled/real.csv}",
    )
    return study


def test_without_the_real_data_the_stand_in_runs_apart(study):
    result = controlled(study).run()
    assert (result.status, result.steps) == (0, ALL)
    assert (study.root / "results-standin/metrics.csv").exists()
    assert not (study.root / "results").exists()
    record = json.loads(study.read("record/standin.json"))
    assert (record["layout"], record["config"]["standin"]) == ("stand-in", True)


def test_with_the_real_data_no_output_lands_in_the_stand_in(study):
    controlled(study).write("data/controlled/real.csv", "secret\n")
    assert study.run().status == 0
    assert (study.root / "results/metrics.csv").exists()
    assert not (study.root / "results-standin").exists()
    assert study.run(standin=True).status == 0
    assert (study.root / "results-standin/metrics.csv").exists()
    assert "complete run" in study.read("README.md"), "README speaks of the real run"


def test_config_may_ask_for_the_stand_in(study):
    controlled(study).write("data/controlled/real.csv", "secret\n")
    study.edit("config.yaml", "standin: false", "standin: true")
    assert study.run().status == 0
    assert not (study.root / "results").exists()


@pytest.mark.parametrize(
    "old, new, words",
    [
        ('data_access = "public"', 'data_acces = "public"', "Did you mean data_access?"),
        ('"public"', '"public"\n[tool.gold-standard.compare]\nrtoll = 1', "Did you mean rtol?"),
        ('"public"', '"controlled"', "does not say where config.yaml names the real data"),
        ('"public"', '"controlled"\ncontrolled_data = ["no.key"]', "has a path under no.key"),
        ('"public"', '"public', "pyproject.toml cannot be read"),
    ],
)
def test_settings_that_nobody_reads_are_refused(study, old, new, words):
    study.edit("pyproject.toml", old, new)
    result = study.run()
    assert (result.status, words in result.err) == (2, True), result.err


def test_public_data_have_no_stand_in(study):
    result = study.run(standin=True)
    assert (result.status, "--standin is for controlled data" in result.err) == (2, True)


@pytest.mark.parametrize(
    "old, new, words",
    [
        ("rule raw:", "rule raw", "Snakefile"),
        ("{params.rows}", "{params.lines}", "lines"),
        ('"python {input.script:q} {output:q} {params.rows} > {log:q} 2>&1"', '""', "raw"),
        ("scripts/step.py", "scripts/gone.py", "scripts/gone.py"),
        ('configfile: "config.yaml"', 'configfile: "gone.yaml"', "gone.yaml"),
    ],
)
def test_a_snakefile_that_cannot_run_is_refused_with_the_place(study, old, new, words):
    study.edit("Snakefile", old, new)
    result = study.run()
    assert result.status == 2
    assert words in result.err
    assert "site-packages" not in result.err, "no traceback of the machinery"


def test_a_rule_without_a_command_of_its_own_is_refused(study):
    study.edit(
        "Snakefile",
        'shell:\n        "python {input.script:q} {output:q} {params.rows} > {log:q} 2>&1"',
        "run:\n        open(output[0], 'w').write('x')",
    )
    result = study.run()
    assert result.status == 2
    assert "Rule raw leaves no record" in result.err


@pytest.mark.parametrize("threads", ["0", "many", "1.5", "true"])
def test_a_senseless_number_of_threads_is_refused(study, threads):
    study.edit("config.yaml", "threads: 1", f"threads: {threads}")
    result = study.run()
    assert (result.status, "threads is" in result.err) == (2, True)


def test_steps_run_in_a_fixed_environment(study):
    study.write(
        "scripts/step.py",
        "import os, sys\nnames = 'OMP_NUM_THREADS OPENBLAS_NUM_THREADS PYTHONHASHSEED LC_ALL TZ "
        "PYTHONPATH MPLBACKEND CUBLAS_WORKSPACE_CONFIG'\n"
        "text = ' '.join(f'{n}={os.environ.get(n)}' for n in names.split())\n"
        "open(sys.argv[1], 'w').write(text)\n",
    )
    study.edit("config.yaml", "threads: 1", "threads: 3")
    os.environ |= {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "5"}
    try:
        study.run(cores=1)
    finally:
        del os.environ["TZ"], os.environ["PYTHONHASHSEED"]
    assert study.read("data/raw.txt") == (
        "OMP_NUM_THREADS=3 OPENBLAS_NUM_THREADS=3 PYTHONHASHSEED=0 LC_ALL=C.UTF-8 TZ=UTC "
        "PYTHONPATH=None MPLBACKEND=Agg CUBLAS_WORKSPACE_CONFIG=:4096:8"
    )


def test_the_record_says_what_the_silver_standard_asks_for(finished):
    record = json.loads(finished.read("record/run.json"))
    assert record["machine"]["system"] and record["machine"]["cpu"]["model"]
    assert record["machine"]["cpu"]["threads"] >= 1 and record["machine"]["memory_bytes"] > 2**20
    assert record["totals"]["wall_seconds"] > 0 and record["totals"]["cpu_seconds"] > 0
    assert [step["rule"] for step in record["steps"]] == [
        "raw",
        "train",
        "train",
        "evaluate",
        "figure",
    ]
    for step in record["steps"]:
        assert step["cpu_seconds"] > 0 and step["peak_memory_bytes"] > 2**20
        assert all(len(value) == 64 for value in (step["inputs"] | step["outputs"]).values())
    assert str(finished.root) not in finished.read("record/run.json"), "no path of this machine"
    assert "| Operating system |" in finished.read("README.md")
    assert "not yet" not in finished.read("README.md")


def test_the_papers_are_written_only_after_a_complete_run(study):
    study.edit("config.yaml", "bins: 4", "bins: fail")
    study.run()
    assert "not yet" in study.read("README.md")
    assert not (study.root / "record").exists()


def test_cpu_time_is_what_the_system_counts(study):
    study.write(
        "scripts/step.py",
        "import sys, time\nend = time.process_time() + 0.4\n"
        "while time.process_time() < end: pass\nopen(sys.argv[1], 'w').write('x')\n",
    )
    study.run()
    steps = json.loads(study.read("record/run.json"))["steps"]
    measured = [step["cpu_seconds"] for step in steps if step["rule"] != "evaluate"]
    assert all(0.4 <= seconds < 1.0 for seconds in measured), measured


def test_outside_git_it_says_what_is_lost(finished, done):
    assert "not a Git repository" in done.run().out


@pytest.mark.parametrize("left", [4_000, 20_000, 60_000])
def test_a_full_disk_is_said_and_the_next_call_goes_on(tmp_path, left):
    """On a small tmpfs, which only root may mount; elsewhere there is nothing to see."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], check=True)
    try:
        small = MiniStudy(disk / "study")
        small.said = tmp_path
        filler = disk / "filler"
        filler.write_bytes(b"x" * (shutil.disk_usage(disk).free - left))
        result = small.run()
        assert result.status in (1, 2)
        assert "No space left" in result.err or "disk is full" in result.err
        assert not (small.root / "record/run.json").exists()
        filler.unlink()
        assert small.run().status == 0
    finally:
        subprocess.run(["umount", str(disk)], check=True)


PATTERN = """
rule {name}:
    input: "{input}"
    output: "{output}"
    shell: "cp {{input:q}} {{output:q}}"
"""


@pytest.mark.parametrize(
    "output, source, file, refused",
    [("{n}.txt", "{n}.raw", "lookup.txt", False),
     ("data/{n}.txt", "data/raw/{n}.txt", "data/raw/x.txt", False),
     ("data/{n}.txt", "data/{n}.raw", "data/x.txt", True),
     ("lookup.txt", "gone.txt", "lookup.txt", True)],
)  # fmt: skip
def test_a_step_that_cannot_run_is_told_and_an_accidental_pattern_is_none(
    study, output, source, file, refused
):
    study.write(file, "by hand\n")
    study.edit("Snakefile", 'raw="<data>/raw.txt",', f'raw="<data>/raw.txt", hand="{file}",')
    rule = PATTERN.format(name="more", input=source, output=output)
    study.write("Snakefile", study.read("Snakefile") + rule)
    result = study.run()
    assert result.status == (2 if refused else 0), result.err
    assert ("The step more cannot run" in result.err) == refused


def test_a_result_that_is_nested_too_deep_to_be_read_is_told(study):
    study.write("Snakefile", study.read("Snakefile").replace("metrics.csv", "metrics.json"))
    words = "target, *models = sys.argv[1:]"
    study.edit(
        "scripts/table.py", words, f"{words}\nopen(target, 'w').write('[' * 99999)\nsys.exit()"
    )
    result = study.run()
    assert result.status == 2 and "the papers were not written from it" in result.err
    assert "Traceback" not in result.err
