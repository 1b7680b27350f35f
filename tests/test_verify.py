"""`verify`: what a clean room lets through, and what it must not, on studies of tiny steps."""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import tiny
from ministudy import SOURCE, Verifiable, in_order, planted

from gold_standard import certificate, rooms, verify
from gold_standard.check import judge, runs
from gold_standard.errors import Refusal
from gold_standard.machine import usable_cores

OUTSIDER = ("--by", "Ada Lovelace", "--orcid", "0000-0001-5109-3700")
STAMP = "2026-11-22T10:00:00+00:00"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A study that ran and was committed; tests work on copies of it."""
    study = Verifiable(tmp_path_factory.mktemp("verify") / "study")
    result = study.reproduce()
    assert result.status == 0, result.err
    study.commit()
    return study


@pytest.fixture
def study(finished, tmp_path):
    return copied(finished, tmp_path / "a stüdy")


def copied(finished: Verifiable, root: Path) -> Verifiable:
    shutil.copytree(finished.root, root, symlinks=True)
    copy = object.__new__(Verifiable)
    copy.root, copy.said = root, root.parent
    return copy.found()


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def untouched(before: dict, study: Verifiable) -> None:
    """Nothing in the person's folder is other than before, but for new records."""
    now = study.contents()
    assert before.items() <= now.items()
    assert all(path.startswith("certificates/") for path in now.keys() - before.keys())


def problems(result) -> list[str]:
    """What the end of a verification names, one per line."""
    found = re.search(r"^Not verified: .*\n((?:  .*\n)+)", result.out, re.MULTILINE)
    assert found, result.out + result.err
    return [line.strip() for line in found[1].splitlines()]


# What holds


@pytest.mark.slow
def test_an_unbroken_study_verifies_and_only_a_record_is_added(study):
    before = study.contents()
    result = study.verify()
    assert result.status == 0, result.out + result.err
    untouched(before, study)
    assert "The last run took" in result.out and "expect" in result.out
    assert "Run 1 of 2" in result.out and "Run 2 of 2: 1 core, another hash seed" in result.out
    assert (
        "Verified: run twice in clean rooms, results/ and models/ agree, bit for bit" in result.out
    )
    assert "Uncommitted" not in result.out
    [record] = study.certificates
    assert record["agrees"] is True and record["kind"] == "re-run record"
    assert set(record["files"]) == {f"models/seed_{n}.bin" for n in (1, 2)} | {
        "results/metrics.csv",
        "results/figure.txt",
    }
    for path, file in record["files"].items():
        content = (study.root / path).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["with_committed"]["kind"] == file["from_run_to_run"]["kind"] == "identical"
    assert study.rooms == []


@pytest.mark.slow
def test_a_record_of_the_present_state_counts_and_committing_it_outdates_nothing(study):
    assert study.verify("--once", *OUTSIDER).status == 0
    for commit in (study.commit, lambda: None):
        known = known_of(study)
        assert known.verified["agrees"] and known.certified and known.notes == []
        commit()
    again = study.verify("--once")
    assert again.status == 0 and "Uncommitted" not in again.out
    names = sorted(path.name for path in (study.root / "certificates").iterdir())
    stem = names[0].removesuffix(".json").removesuffix("-2")
    assert names == [f"{stem}-2.json", f"{stem}-2.md", f"{stem}.json", f"{stem}.md"]
    [path] = (study.root / "certificates").glob("*[!2].json")
    whole = path.read_text("utf-8")
    path.write_text(whole.replace("Lovelace", "Byron"), "utf-8")
    known = known_of(study)
    assert not known.certified and f"certificates/{path.name} was edited" in known.notes[0]
    path.write_text(whole, "utf-8")
    study.edit("config.yaml", "bins: 4", "bins: 5")
    known = known_of(study)
    assert known.verified is None
    assert all("belongs to another state of the study" in note for note in known.notes)


def known_of(study: Verifiable):
    tree = judge.open_tree(study.root)
    return runs.read(tree, runs.digest_of(study.root), {"data_access": "public"})


@pytest.mark.slow
def test_a_mere_folder_verifies_without_what_git_would_leave_out(study):
    shutil.rmtree(study.root / ".git")
    study.write("data/by_hand.txt", "never published\n")
    result = study.verify("--once")
    assert result.status == 0, result.out + result.err
    assert "Verifying the files of this folder" in result.out
    [record] = study.certificates
    assert record["study"]["commit"] is None
    assert known_of(study).verified["agrees"]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["folder", "zip", "address", "shallow clone"])
def test_somebody_elses_study_verifies_and_the_record_is_left_here(study, tmp_path, how):
    here = tmp_path / "here"
    here.mkdir()
    before = study.contents()
    place, told = str(study.root), "a stüdy"
    if how == "zip":
        place, told = str(zipped(study, tmp_path / "study.zip", beside=True)), "study.zip"
    elif how == "address":
        place, told = study.root.as_uri(), "file://…/a%20st%C3%BCdy"
    elif how == "shallow clone":
        study.write("notes.txt", "a second commit")
        study.commit()
        before = study.contents()
        words = ["git", "clone", "-q", "--depth", "1", study.root.as_uri(), str(tmp_path / "clone")]
        subprocess.run(words, check=True)
        place, told = str(tmp_path / "clone"), "clone"
    result = study.verify("--once", "--from", place, cwd=here)
    assert result.status == 0, result.out + result.err
    [path] = (here / "certificates").glob("*.json")
    record = json.loads(path.read_text("utf-8"))
    assert record["agrees"] and record["study"]["from"] == told
    assert study.contents() == before
    digest = runs.digest_of(study.root)
    assert record["study"]["digest"] == digest
    assert study.rooms == []


def zipped(study: Verifiable, target: Path, beside: bool = False) -> Path:
    """A zip archive as the web page of a repository makes it, or a Mac does."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(study.root.rglob("*")):
            inside = path.relative_to(study.root)
            if path.is_file() and not {".git", ".run", ".snakemake", ".venv"} & set(inside.parts):
                archive.write(path, Path("study-main") / inside)
        if beside:
            archive.writestr("__MACOSX/._study-main", b"\0")
    return target


@pytest.mark.slow
def test_what_is_not_committed_neither_helps_nor_hurts(study):
    study.edit("scripts/table.py", "2**33", "2**34")
    study.write("new.txt", "not committed")
    before = study.contents()
    result = study.verify("--once")
    assert result.status == 0, result.out + result.err
    assert "Uncommitted changes do not help" in result.out
    assert study.certificates[0]["study"]["had_uncommitted_changes"] is True
    untouched(before, study)


@pytest.mark.slow
def test_an_uncommitted_mend_does_not_help(study):
    study.edit("scripts/table.py", "2**33", "2**34")
    study.commit()
    study.edit("scripts/table.py", "2**34", "2**33")
    result = study.verify("--once")
    assert result.status == 1
    assert "Uncommitted changes do not help" in result.out
    assert any(
        re.match(r"results/metrics\.csv: different .*row 1, column score", problem)
        for problem in problems(result)
    )


@pytest.mark.slow
def test_models_outside_git_are_compared_from_run_to_run(study):
    study.write(".gitignore", study.read(".gitignore") + "/models/\n")
    study.git("rm", "-rq", "--cached", "models")
    study.commit()
    result = study.verify()
    assert result.status == 0, result.out + result.err
    assert "models were compared from run to run only" in result.out
    found = study.certificates[0]["files"]["models/seed_1.bin"]
    assert found["with_committed"]["kind"] == "new"
    assert found["from_run_to_run"]["kind"] == "identical"
    assert known_of(study).verified["agrees"]


@pytest.mark.slow
def test_files_that_are_committed_against_gitignore_belong_to_the_state(study):
    study.write("data/mine.txt", "forced into Git\n")
    study.git("add", "-f", "data/mine.txt")
    study.commit()
    assert study.verify("--once").status == 0
    assert known_of(study).verified["agrees"]


@pytest.mark.slow
def test_a_result_within_tolerance_is_told_and_the_record_belongs_to_the_commit(study):
    old = study.read("results/metrics.csv")
    row = old.splitlines()[1]
    study.edit("results/metrics.csv", row, row[:-1] + str(int(row[-1]) ^ 1))  # the last digit
    study.write("results/figure.txt", study.read("results/figure.txt").replace(row, "x"))
    study.edit("Snakefile", '        "<results>/figure.txt",\n', "")
    study.git("rm", "-q", "-f", "results/figure.txt")
    study.commit()
    result = study.verify()
    assert result.status == 0, result.out + result.err
    assert "within tolerance" in result.out.splitlines()[-2]
    found = study.certificates[0]["files"]["results/metrics.csv"]["with_committed"]
    assert found["kind"] == "within tolerance" and "row 1, column score" in found["where"]
    assert known_of(study).verified["agrees"]


# Values that hang on what only the author has: one table each

PLANTED = {
    "unseeded.csv": "value = random.random()",
    "trained_unseeded.bin": "value = random.random()",
    "seeded_by_time.csv": "random.seed(time.time_ns()); value = random.random()",
    "dictionary_order.csv": "value = ' '.join({*'abcdefghijklmnop'})",
    "hash_of_a_text.csv": "value = hash('text')",
    "hash_seed.csv": "value = os.environ['PYTHONHASHSEED']",
    "time_stamp.csv": "value = time.time_ns()",
    "stamped_figure.svg": "value = f'<svg><!-- {time.time_ns()} --></svg>'",
    "duration.csv": "value = time.perf_counter()",
    "language.csv": "value = os.environ['LC_ALL']",
    "locale.csv": "locale.setlocale(locale.LC_ALL, ''); value = locale.nl_langinfo(locale.CODESET)",
    "time_zone.csv": "value = time.strftime('%z')",
    "folder.csv": "value = Path.cwd().name",
    "path.csv": "value = Path.cwd()",
    "made_path.csv": "value = sys.argv[0] + str(Path(sys.argv[1]).absolute())",
    "variable.csv": "value = os.environ.get('AUTHOR_FACTOR', 1)",
    "host_variable.csv": "value = os.environ.get('HOSTNAME', 'none')",
    "user.csv": "value = os.environ.get('USER', 'none')",
    "beside.csv": "p = Path('../beside.txt'); value = p.read_text() if p.exists() else 1",
    "home.csv": "p = Path.home() / 'home.txt'; value = p.read_text() if p.exists() else 1",
    "ignored_file.csv": "p = Path('data/by_hand.txt'); value = p.read_text() if p.exists() else 1",
    "untracked_module.csv": (
        "sys.path.insert(0, 'src')\n"
        "try:\n    from mine import value\nexcept ImportError:\n    value = 1"
    ),
    "process.csv": "value = os.getpid()",
    "temporary_name.csv": "value = tempfile.NamedTemporaryFile().name",
    "counter.csv": (
        "p = Path('counter.txt'); value = int(p.read_text()) + 1; p.write_text(str(value))"
    ),
    "modified.csv": "value = Path('config.yaml').stat().st_mtime_ns",
    "inode.csv": "value = Path('config.yaml').stat().st_ino",
    "address.csv": "value = object()",
    "uuid.csv": "value = uuid.uuid4()",
    "commit.csv": (
        "value = subprocess.run(['git', 'log', '--oneline'], capture_output=True).returncode"
    ),
}
if usable_cores() > 1:
    PLANTED |= {
        "cores.csv": "value = len(os.sched_getaffinity(0))",
        "processors.csv": (
            "import re; about = Path('/proc/self/status').read_text(); "
            "value = re.search(r'Cpus_allowed_list:\\s*(\\S+)', about)[1]"
        ),
    }
if sys.version_info >= (3, 13):
    PLANTED["cpu_count.csv"] = "value = os.cpu_count() + os.process_cpu_count()"
LISTING = "value = ' '.join(os.listdir('notes'))"
STEADY = {"steady.csv": "value = 1", "steady.bin": "value = 2"}
AUTHOR = {"AUTHOR_FACTOR": "3", "HOSTNAME": "mine", "USER": "author"}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What `verify` says, at the author's own desk, of a study with all that planted in it."""
    root = tmp_path_factory.mktemp("planted") / "study"
    study = planted(root, PLANTED | STEADY | {"listing.csv": LISTING})
    for n in range(12):
        study.write(f"notes/{n}", "")
    (root.parent / "beside.txt").write_text("3")
    (study.home / "home.txt").write_text("3")
    study.write("data/by_hand.txt", "3")
    study.write("counter.txt", "0")
    study.write("src/mine.py", "value = 3\n")
    study.git("init", "-q")
    study.write(".git/info/exclude", "/src/mine.py\n")
    study.commit()
    study.variables |= AUTHOR
    assert study.reproduce().status == 0
    study.commit()
    memory = Path("/dev/shm")  # lists a folder in the order in which it was made
    if memory.is_dir():
        study.temporary = Path(tempfile.mkdtemp(dir=memory))
        study.variables["TMPDIR"] = str(study.temporary)
    yield study, study.verify()
    if memory.is_dir():
        study.temporary.rmdir()  # empty, or this fails


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_a_value_that_only_the_author_gets_is_caught(told, name):
    study, result = told
    assert result.status == 1
    folder = "models" if name.endswith(".bin") else "results"
    named = [text for text in problems(result) if text.startswith(f"{folder}/{name}: different")]
    assert named, problems(result)
    if name.endswith(".csv"):
        assert any("row 1, column value" in text for text in named)
    assert any(text in study.certificates[0]["problems"] for text in named)


@pytest.mark.slow
def test_an_order_of_the_file_system_is_caught_where_it_shows(told):
    study, result = told
    if not str(study.temporary).startswith("/dev/shm"):
        pytest.skip("no file system that lists a folder in the order of its making")
    assert any(
        text.startswith("results/listing.csv: different from run to run")
        for text in problems(result)
    )


@pytest.mark.slow
def test_what_is_steady_is_named_among_no_problems(told):
    _, result = told
    assert not any("steady" in text for text in problems(result))
    assert "Verified" not in result.out


@pytest.mark.slow
def test_what_changes_from_run_to_run_is_told_apart_from_what_changes_with_the_place(told):
    _, result = told
    second = {text.split(":")[0] for text in problems(result) if "from run to run" in text}
    assert {"results/dictionary_order.csv", "results/time_zone.csv", "results/home.csv"} <= second
    assert "results/variable.csv" not in second


# Results that are not those of the code

EDITS = {
    "number.csv": ("first,1", "first,2", r"different .*row 1, column value: '2' became '1'"),
    "float.csv": ("last,1.5", "last,1.6", r"different .*row 2, column value"),
    "text.csv": ("first", "best", r"different .*row 1, column item: 'best' became 'first'"),
    "extra_row.csv": ("last,1.5\n", "last,1.5\nmore,1\n", r"different .*3 rows became 2"),
    "missing_row.csv": ("last,1.5\n", "", r"different .*1 rows became 2"),
    "column.csv": ("item,value", "item,score", r"different .*columns item, score became"),
    "turned_rows.csv": ("first,1\nlast,1.5", "last,1.5\nfirst,1", r"different .*row 1"),
    "figure.svg": ("last,1.5", "last,1.6", r"different .*line 3"),
    "metrics.json.txt": ("last", "lest", r"different .*line 3"),
    "model.bin": ("last,1.5", "last,1.7", r"different"),
    "deleted.csv": (None, None, r"made by the run, and not committed"),
    "deleted.bin": (None, None, r"made by the run, and not committed"),
}


# A picture of 8 × 8 points of one grey, without any package.
PICTURE = """import struct, zlib
def part(kind, data):
    body = kind + data
    return struct.pack('>I', len(data)) + body + struct.pack('>I', zlib.crc32(body))
head = struct.pack('>IIBBBBB', 8, 8, 8, 0, 0, 0, 0)
rows = zlib.compress((b'\\0' + bytes([GREY]) * 8) * 8)
png = b'\\x89PNG\\r\\n\\x1a\\n' + part(b'IHDR', head) + part(b'IDAT', rows) + part(b'IEND', b'')
Path(sys.argv[1]).write_bytes(png); sys.exit()
"""


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    """What `verify --once` says of a study whose committed results were edited by hand."""
    codes = dict.fromkeys([*EDITS, "crlf.csv"], "value = 1") | {"config.csv": "value = factor"}
    codes["picture.png"] = PICTURE.replace("GREY", "200")
    study = planted(tmp_path_factory.mktemp("edited") / "study", codes | STEADY)
    assert study.reproduce().status == 0
    for name, (old, new, _) in EDITS.items():
        path = f"{'models' if name.endswith('.bin') else 'results'}/{name}"
        if old is None:
            (study.root / path).unlink()
        else:
            study.edit(path, old, new)
    crlf = study.root / "results/crlf.csv"
    crlf.write_bytes(crlf.read_bytes().replace(b"\n", b"\r\n"))
    paint = [
        sys.executable,
        "-c",
        "import sys\nfrom pathlib import Path\n" + PICTURE.replace("GREY", "90"),
    ]
    subprocess.run([*paint, str(study.root / "results/picture.png")], check=True)
    study.write("results/extra.csv", "item,value\n")
    study.write("models/extra.bin", "item,value\n")
    study.edit("config.yaml", "factor: 2", "factor: 3")
    study.commit()
    return study, study.verify("--once")


@pytest.mark.slow
@pytest.mark.parametrize("name", EDITS)
def test_a_result_that_was_edited_by_hand_is_caught(edited, name):
    _, result = edited
    assert result.status == 1
    path = f"{'models' if name.endswith('.bin') else 'results'}/{name}"
    assert any(re.match(f"{path}: {EDITS[name][2]}", text) for text in problems(result))


@pytest.mark.slow
@pytest.mark.parametrize("path", ["results/extra.csv", "models/extra.bin"])
def test_a_committed_result_that_nothing_makes_is_caught(edited, path):
    assert f"{path}: committed, and the run does not make it" in problems(edited[1])


@pytest.mark.slow
def test_a_picture_in_other_colours_is_caught(edited):
    named = [text for text in problems(edited[1]) if text.startswith("results/picture.png")]
    assert named and "100.00% of the pixels differ visibly" in named[0]


@pytest.mark.slow
def test_settings_that_were_edited_after_the_results_are_caught(edited):
    named = [text for text in problems(edited[1]) if text.startswith("results/config.csv")]
    assert named and "row 1, column value: '2' became '3'" in named[0]


@pytest.mark.slow
def test_other_line_ends_are_no_other_result(edited):
    study, result = edited
    assert not any("crlf" in text or "steady" in text for text in problems(result))
    assert study.certificates[0]["files"]["results/crlf.csv"]["with_committed"]["kind"] == (
        "within tolerance"
    )


@pytest.mark.slow
def test_a_record_of_a_failure_says_so_and_takes_nothing_for_agreement(edited):
    study, result = edited
    [record] = study.certificates
    assert record["agrees"] is False and record["problems"] == problems(result)
    known = known_of(study)
    assert known.agreement()[0] is False and known.reported == "none"
    page = next((study.root / "certificates").glob("*.md")).read_text("utf-8")
    assert "Not everything agreed" in page and "results/extra.csv" in page


# Studies that do not run as they are committed


def never_verified(study: Verifiable, *arguments: str, **keywords):
    """Call verify, which must fail without a record, and leave everything as it was."""
    before = study.contents()
    result = study.verify(*arguments, **keywords)
    assert result.status != 0, result.out
    assert "Verified" not in result.out
    assert study.contents() == before
    assert study.rooms == []
    return result


@pytest.mark.slow
def test_a_step_that_fails_is_no_success_though_a_record_of_success_is_committed(study):
    study.write("src/train.py", "fail")
    study.commit()
    result = never_verified(study)
    assert result.status == 1
    assert "asked to fail" in result.err and "Step failed: train" in result.err
    assert "did not come to its end" in result.out and "--keep" in result.out


@pytest.mark.slow
def test_a_step_that_fails_only_in_the_second_run_is_no_success(study):
    study.edit(
        "scripts/table.py", "target,", "import os\nassert os.environ['TZ'] == 'UTC'\ntarget,"
    )
    study.commit()
    result = never_verified(study)
    assert "Run 2 of 2" in result.out and "Step failed: evaluate" in result.err


@pytest.mark.slow
def test_a_file_that_nobody_committed_is_missed(study):
    study.git("rm", "-q", "--cached", "scripts/table.py")
    study.git("commit", "-qm", "without")
    result = never_verified(study, "--once")
    assert "scripts/table.py" in result.err


@pytest.mark.slow
def test_an_input_beside_the_study_is_missed(study):
    (study.root.parent / "beside.txt").write_text("x")
    study.edit("Snakefile", 'raw="<data>/raw.txt",', 'raw="../beside.txt",')
    study.commit()
    result = never_verified(study, "--once")
    assert "../beside.txt" in result.err


@pytest.mark.slow
def test_an_input_downloaded_by_hand_is_missed(study):
    study.edit("Snakefile", 'raw="<data>/raw.txt",', 'raw="<data>/by_hand.txt",')
    study.write("data/by_hand.txt", "x")
    study.commit()
    assert "data/by_hand.txt" in never_verified(study, "--once").err


@pytest.mark.slow
def test_a_step_whose_input_is_missing_is_missed_though_what_it_makes_is_committed(study):
    study.edit(
        "Snakefile",
        'script="scripts/step.py",\n    output:',
        'script="scripts/step.py",\n        hand="data/by_hand.txt",\n    output:',
    )
    study.write("data/by_hand.txt", "x")
    assert study.reproduce().status == 0
    study.git("add", "-f", "data/raw.txt")
    study.commit()
    study.reproduce()  # the record of this very state
    study.commit()
    assert "data/by_hand.txt" in never_verified(study, "--once").err


@pytest.mark.slow
def test_an_absolute_path_is_named_in_settings_code_and_rules(study):
    outside = study.root.parent / "outside.txt"
    outside.write_text("3\n")
    (study.home / "factor.txt").write_text("3\n")
    study.edit("Snakefile", 'raw="<data>/raw.txt",', f'raw="{outside}",')
    study.edit("config.yaml", "seed: 7", f"seed: 7\nfile: {outside}")
    study.edit("scripts/step.py", "import", "MINE = '~/factor.txt'\nimport")
    assert study.reproduce().status in (0, 1)
    study.commit()
    result = study.verify("--once")
    assert result.status == 1
    line = study.read("Snakefile").splitlines().index(f'        raw="{outside}",') + 1
    named = problems(result)
    assert f"Snakefile, line {line}: {outside} is a path of this machine" in named
    assert f"config.yaml, line 2: {outside} is a path of this machine" in named
    assert "scripts/step.py, line 2: ~/factor.txt is a path of this machine" in named
    assert f"{outside}: used by the step train, and not a file of the study" in named


@pytest.mark.slow
def test_a_step_that_was_left_out_of_the_workflow_is_named_by_what_it_made(study):
    study.edit("Snakefile", '        "<results>/figure.txt",\n\n', "\n")
    study.commit()
    result = study.verify("--once")
    assert result.status == 1
    assert problems(result) == ["results/figure.txt: committed, and the run does not make it"]


@pytest.mark.slow
def test_models_trained_on_other_data_are_named_with_what_follows(study):
    study.edit("config.yaml", "rows: 10", "rows: 11")
    assert study.reproduce().status == 0
    study.git("checkout", "-q", "config.yaml")
    study.commit()
    result = study.verify("--once")
    assert result.status == 1
    named = " ".join(problems(result))
    assert "models/seed_1.bin: different" in named and "models/seed_2.bin: different" in named
    assert "results/metrics.csv: different" in named and "row 1, column score" in named


@pytest.mark.slow
@pytest.mark.parametrize("made", ["uuid.uuid4()", "[*range(len(os.sched_getaffinity(0)))][-1]"])
def test_a_folder_whose_files_are_not_always_the_same_is_named(study, made):
    if usable_cores() < 2:
        pytest.skip("needs two cores to tell one from two")
    study.edit(
        "Snakefile", '"<results>/figure.txt",\n    log', 'directory("<results>/plots"),\n    log'
    )
    study.edit("Snakefile", '"<results>/figure.txt"', '"<results>/plots"')
    study.edit("Snakefile", "{input.table:q} {params.bins}", "{params.bins}")
    study.edit(
        "Snakefile",
        'script="scripts/step.py",\n        table',
        'script="scripts/plots.py",\n        table',
    )
    study.write(
        "scripts/plots.py",
        "import os, sys, uuid\nfrom pathlib import Path\nfolder = Path(sys.argv[1])\n"
        f"folder.mkdir()\nfor n in range(int(str({made})[:1], 16) + 1):\n"
        f"    (folder / f'{{n}}-{{str({made})[:8]}}.txt').write_text('x')\n",
    )
    study.reproduce()
    study.git("rm", "-q", "results/figure.txt")
    (study.root / "results/figure.txt").unlink(missing_ok=True)
    study.commit()
    result = study.verify()
    assert result.status == 1, result.out + result.err
    named = problems(result)
    assert any(re.match(r"results/plots/\S+: missing from run to run", text) for text in named)


@pytest.mark.slow
def test_a_study_whose_results_are_nowhere_is_not_verified(study):
    study.edit("Snakefile", 'results="results"', 'results="elsewhere"')
    study.edit("Snakefile", 'models="models"', 'models="elsewhere"')
    study.git("rm", "-rq", "results", "models")
    study.commit()
    result = study.verify("--once")
    assert result.status == 1, result.out


@pytest.mark.slow
def test_a_record_of_the_real_data_is_no_record_of_the_standin(study):
    """The committed record of those with access must not be taken for the outsider's run."""
    study.edit(
        "pyproject.toml",
        'data_access = "public"',
        'data_access = "controlled"\ncontrolled_data = ["real"]',
    )
    study.edit("config.yaml", "seed: 7", "seed: 7\nstandin: false\nreal: data/real.csv")
    study.write("data/real.csv", "x")
    assert study.reproduce().status == 0
    study.commit()
    result = study.verify("--once")
    assert result.status == 1
    assert any("results-standin/metrics.csv" in text for text in problems(result))
    (study.root / "data/real.csv").unlink()
    assert study.reproduce().status == 0
    study.commit()
    result = study.verify("--once")
    assert result.status == 0, result.out
    assert "results-standin/ (the synthetic stand-in)" in result.out
    assert study.certificates[-1]["compared"] == "results-standin"
    assert known_of(study).standin


# The environments, from their locks alone

LOCKED = '''"""Makes .venv from its lock, then goes on as the tiny study does."""
import sys
from pathlib import Path
sys.path[:] = [entry for entry in sys.path if Path(entry) != Path(__file__).resolve().parent]
from gold_standard import environment
from gold_standard.errors import Refusal
ROOT = Path(__file__).resolve().parent
house = Path(sys.argv[sys.argv.index("--wheelhouse") + 1]) if "--wheelhouse" in sys.argv else None
try:
    environment.prepare(ROOT, None, house, only=".venv")
except Refusal as refusal:
    sys.exit(f"reproduce.py: {refusal}")
sys.argv[1:] = sys.argv[1:2]
'''


@pytest.mark.slow
@pytest.mark.parametrize("how", ["whole", "another hash", "not in the lock"])
def test_a_package_is_there_only_by_the_lock_and_with_its_hash(study, tmp_path, how):
    house = tmp_path / "house"
    alpha, beta = tiny.wheel(house, "alpha"), tiny.wheel(house, "beta")
    # On the author's machine the package is there: the tiny study's .venv is not a real one.
    study.write("reproduce.py", LOCKED + study.read("reproduce.py").split('"""', 2)[2])
    study.edit("scripts/table.py", "import pathlib", "import alpha, pathlib")
    study.write("requirements.lock", beta if how == "not in the lock" else alpha + beta)
    if how == "another hash":
        digits = re.search("sha256:([0-9a-f]{64})", alpha)[1]
        study.edit("requirements.lock", digits, digits[::-1])
    study.commit()
    arguments = ("--once", "--wheelhouse", str(house))
    patch = f"os.environ['PATH'] = {str(Path(tiny.UV).parent)!r} + ':' + os.environ['PATH']"
    if how == "whole":
        result = study.verify(*arguments, patch=patch)
        assert result.status == 0, result.out + result.err
        return
    result = never_verified(study, *arguments, patch=patch)
    assert "alpha" in result.out + result.err
    assert ("sha256 differs" in result.err) == (how == "another hash")


@pytest.mark.slow
def test_the_real_command_refuses_a_falsified_lock_in_the_clean_room(tmp_path):
    root = tmp_path / "study"
    tiny.study(root)
    digits = re.search("sha256:([0-9a-f]{64})", (root / "requirements.lock").read_text())[1]
    lock = (root / "requirements.lock").read_text().replace(digits, digits[::-1])
    (root / "requirements.lock").write_text(lock)
    (root / ".gitignore").write_text("/house/\n/.run/\n/.tools/\n/.venv/\n")
    study = object.__new__(Verifiable)
    study.root, study.said = root, tmp_path
    study.found().commit()
    # As a program: the Python below .venv has no packages, and is the one that everybody has.
    patch = (
        "environment.base_python = lambda: sys._base_executable\n"
        f"os.environ['PATH'] = {str(Path(tiny.UV).parent)!r} + ':' + os.environ['PATH']"
    )
    result = never_verified(study, "--once", "--wheelhouse", str(root / "house"), patch=patch)
    assert "pytest==1.0" in result.err and "its sha256 differs" in result.err


@pytest.mark.parametrize("wish", ["3.99", "2.7.1", "3", "python3", "3.12; true"])
def test_a_python_that_is_not_there_is_refused(wish):
    with pytest.raises(Refusal, match=r"--python|no python3\.99"):
        verify._python(wish)


def test_a_python_that_only_looks_like_one_is_refused(tmp_path, monkeypatch):
    fake = tmp_path / "python3.12"
    fake.write_text("#!/bin/sh\necho 'python3.12: not installed here' >&2\nexit 127\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(Refusal, match="is no Python 3.12: .*not installed here"):
        verify._python("3.12")


@pytest.mark.slow
def test_another_python_runs_the_study_where_it_is_asked_for(study):
    installed = Path.home() / ".pyenv/versions"
    mine = f"python3.{sys.version_info[1]}"
    found = sorted(p for p in installed.glob("*/bin/python3.1?") if p.name != mine)
    if not found:
        pytest.skip("there is only one Python here")
    study.write("reproduce.py", "import sys\nsys.exit('this is %d.%d' % sys.version_info[:2])\n")
    study.commit()
    path = f"{found[-1].parent}{os.pathsep}{os.environ['PATH']}"
    version = found[-1].name.removeprefix("python")
    result = study.verify("--once", "--python", version, PATH=path)
    assert f"this is {version}" in result.err
    assert "did not come to its end" in result.out and result.status == 1


# The network

REACH = "import socket\nfrom pathlib import Path\ntry:\n    socket.create_connection(('127.0.0.1', PORT), 2); told = 'reached'\nexcept OSError:\n    told = 'not reached'\n"  # noqa: E501


@pytest.mark.slow
def test_offline_means_that_no_step_reaches_anything(study):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        study.write("scripts/table.py", REACH.replace("PORT", str(port)) + (
            "import sys\nPath(sys.argv[1]).write_text(f'network,\\n{told},\\n')\n"
        ))  # fmt: skip
        assert study.reproduce().status in (0, 1)
        study.commit()
        assert study.verify("--once").status == 0
        if subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
            pytest.skip("the network cannot be switched off for one command here")
        result = study.verify("--once", "--offline")
    assert result.status == 1
    assert any("'reached' became 'not reached'" in text for text in problems(result))
    assert study.certificates[-1]["offline"] is True
    pages = sorted((study.root / "certificates").glob("*.md"), key=in_order)
    assert "| Network | off |" in pages[-1].read_text("utf-8")


def only(folder: Path, *names: str) -> str:
    """A PATH with only these programs in it."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(shutil.which(name))
    return str(folder)


@pytest.mark.slow
def test_offline_is_refused_where_it_cannot_be_done(study, tmp_path):
    programs = only(tmp_path / "bin", "git", "bash", "sh")
    result = never_verified(study, "--offline", PATH=programs)
    assert result.status == 2
    assert "network cannot be switched off" in result.err
    assert "Run 1" not in result.out


# Names on the record


@pytest.mark.parametrize(
    "name",
    ["Jane Q. Public", "jane q public", "PUBLIC, Jane Q.", "Public Jane", "J. Q. Public",
     "J.Q. Public", "J Public", "Jane Public", "Jané Públic", "Public"],
)  # fmt: skip
def test_an_author_under_any_spelling_gives_no_certificate(name):
    authors = certificate.authors_in(authors_text())
    assert certificate.kind_of({"name": name, "orcid": None}, authors) == certificate.RERUN


def authors_text() -> str:
    return (
        "authors:\n- given-names: Jane Q.\n  family-names: Public\n"
        "  orcid: https://orcid.org/0000-0002-1825-0097\n"
        "- given-names: Ludwig\n  name-particle: van\n  family-names: Beethoven\n"
        "  orcid: https://orcid.org/0000-0002-1694-233x\n- name: The Cell Group\n"
    )


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0002-1694-233X"])
def test_an_authors_orcid_under_another_name_gives_no_certificate(orcid):
    authors = certificate.authors_in(authors_text())
    by = certificate.person("Somebody Else", orcid)
    assert certificate.kind_of(by, authors) == certificate.RERUN


@pytest.mark.parametrize("name", ["Ada Lovelace", "Jane Doe", "John Publicus", "Wei Zhang"])
def test_an_outsider_gives_a_certificate(name):
    authors = certificate.authors_in(authors_text())
    assert certificate.kind_of({"name": name, "orcid": None}, authors) == certificate.CERTIFICATE


@pytest.mark.parametrize("text", ["", "authors: 3\n", "authors:\n- Jane\n", "{", "authors: []\n"])
def test_where_no_author_is_known_nobody_is_an_outsider(text):
    authors = certificate.authors_in(text)
    by = {"name": "Ada Lovelace", "orcid": None}
    assert certificate.kind_of(by, authors) == certificate.RERUN


@pytest.mark.parametrize(
    "orcid",
    ["0000-0002-1825-0098", "0000-0000-0000-0000", "1234", "", "jane", "0000-0002-1825-00977",
     "0000\n0002-1825-0097", "٠000-0002-1825-0097"],
)  # fmt: skip
def test_an_orcid_that_can_be_none_is_refused(orcid):
    if orcid:
        with pytest.raises(Refusal, match="is not an ORCID"):
            certificate.person("Ada Lovelace", orcid)


@pytest.mark.parametrize(
    "orcid",
    ["0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233x", "000000021694233X",
     "https://orcid.org/0000-0002-1694-233X/"],
)  # fmt: skip
def test_an_orcid_is_read_in_every_form_that_people_write(orcid):
    assert certificate.person("A", orcid)["orcid"] == "0000-0002-1694-233X"


@pytest.mark.parametrize(
    "name",
    ["Ada\x1b[31m", "Ada\nLovelace", "Ada\x00", "Ada\u202eecalevoL", "  ", "...", "123", "x" * 201,
     "Ada | Lovelace", "<b>Ada</b>", "[Ada](x)", "`Ada`"],
)  # fmt: skip
def test_what_is_no_name_is_refused(name):
    with pytest.raises(Refusal, match="plain letters"):
        certificate.person(name, None)


@pytest.mark.parametrize("name", ["Siân Ó Dubhthaigh", "王伟", "J.-P. O'Neill", "Nguyễn, Thị"])
def test_names_of_all_the_world_are_names(name):
    assert certificate.person(f" {name} ", None)["name"] == name


def test_an_orcid_needs_a_name():
    with pytest.raises(Refusal, match="--by"):
        certificate.person(None, "0000-0002-1825-0097")


@pytest.mark.slow
def test_an_uncommitted_change_of_authors_makes_no_outsider(study):
    study.edit("CITATION.cff", "Jane Q.", "John")
    study.edit("CITATION.cff", "Public", "Doe")
    assert study.verify("--once", "--by", "Jane Public").status == 0
    assert study.certificates[0]["kind"] == "re-run record"


# The record as a file


def record(**changes) -> dict:
    """A record as `verify` writes it, with changes, and a checksum that fits."""
    content = {
        "schema": 1, "kind": "certificate", "tool": "gold-standard 0.1.0", "date": STAMP,
        "study": {
            "digest": "d" * 64, "commit": None, "had_uncommitted_changes": False, "from": None,
        },
        "compared": "results", "agrees": True, "problems": [], "by": None,
        "where": {"system": "Debian", "cpu": {"model": "c", "usable": 2}, "memory_bytes": 2**34},
        "environment": {}, "offline": False, "runs": [{"wall_seconds": 1.0}],
        "files": {"results/a.csv": {
            "sha256": "a" * 64, "with_committed": {"kind": "identical"}, "from_run_to_run": None,
        }},
    } | changes  # fmt: skip
    return content | {"checksum": certificate.checksum(content)}


def newest(*contents) -> tuple:
    texts = {f"certificates/{n}.json": json.dumps(c) for n, c in enumerate(contents)}
    return certificate.newest(texts, "d" * 64)


def test_the_newest_record_of_this_state_counts():
    best, notes = newest(record(date="2026-11-23"), record(date="2026-11-22"))
    assert best["date"] == "2026-11-23" and notes == []


def test_an_edited_record_counts_for_nothing_and_that_is_said():
    for key, value in {"agrees": False, "by": {"name": "X", "orcid": None}, "date": "2027"}.items():
        best, notes = newest(record() | {key: value})
        assert best is None and "was edited" in notes[0]


def test_a_record_of_another_state_counts_for_nothing_and_that_is_said():
    best, notes = newest(record(study={"digest": "e" * 64}))
    assert best is None and "another state" in notes[0]


@pytest.mark.parametrize(
    "changes",
    [{"problems": ["results/a.csv: different"]}, {"agrees": False},
     {"files": {"results/a.csv": {"sha256": None, "with_committed": {"kind": "different"}, "from_run_to_run": None}}},  # noqa: E501
     {"files": {}}, {"files": None}, {"files": []}, {"files": {"a": 3}}, {"by": "Ada"}, {"by": {}},
     {"by": {"name": 3, "orcid": None}}, {"date": None}, {"problems": None}, {"study": None},
     {"agrees": "yes"}, {"schema": 2}],
)  # fmt: skip
def test_a_record_that_contradicts_itself_or_lacks_something_counts_for_nothing(changes):
    best, notes = newest(record(**changes))
    assert best is None and "counts for nothing" in notes[0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", "null", '"\\ud800"', "[" * 9000, '{"schema": 1, "checksum": "\\ud800"}'],
)
def test_a_file_that_is_no_record_counts_for_nothing(text):
    best, notes = certificate.newest({"certificates/a.json": text}, "d" * 64)
    assert best is None and "counts for nothing" in notes[0]


def test_the_page_shows_names_of_files_and_nothing_more():
    evil = "results/a`|<b>\n# b.csv"
    file = {"sha256": None, "with_committed": {"kind": "different"}, "from_run_to_run": None}
    page = certificate.in_words(
        record(agrees=False, problems=[f"{evil}: different"], files={evil: file})
    )
    assert "\n# b" not in page and "<b>" not in page.replace("\\<b", "")
    assert re.search(
        r"^\| results/a\\`\\\|\\<b\\>\?# b\.csv \| different \|  \|$", page, re.MULTILINE
    )


@pytest.mark.parametrize(
    "by, kind, title",
    [
        (OUTSIDER, "certificate", "# Certificate of reproduction"),
        (("--by", "Public, Jane"), "re-run record", "# Record of a re-run"),
    ],
)
@pytest.mark.slow
def test_the_page_says_what_the_record_says(study, by, kind, title):
    assert study.verify("--once", *by).status == 0
    [record] = study.certificates
    page = next((study.root / "certificates").glob("*.md")).read_text("utf-8")
    assert record["kind"] == kind and page.startswith(f"{title}\n")
    assert "Everything agreed." in page and "not against forgery" in page
    assert record["by"]["name"] in page and record["study"]["digest"] in page
    assert "| results/metrics.csv | identical |  |" in page
    assert record["environment"]["python"] and record["where"]["cpu"]["model"] in page


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("--orcid", "0000-0002-1825-0097"), ("--by", "\x1b[1m")])
def test_a_wrong_name_is_refused_before_anything_is_done(study, arguments):
    result = never_verified(study, *arguments)
    assert result.status == 2 and "Verifying" not in result.out


def test_no_password_and_no_folder_of_the_machine_gets_into_a_record():
    hide = verify._without_secrets
    assert hide("https://me:secret@example.org/a.git") == "https://example.org/a.git"
    assert hide("ssh://token@example.org/a.git") == "ssh://example.org/a.git"
    assert hide("file:///home/me/study") == "file://…/study"


# Stopped, killed, two at once


def begin_and_hold(study: Verifiable, where: str, *arguments: str):
    """Begin `verify` and wait until it is at a certain point, where it stays."""
    mark = study.root.parent / "mark"
    hold = f"(open({str(mark)!r}, 'w'), __import__('time').sleep(60))"
    patches = {
        "copy": f"rooms._write = lambda *a, w=rooms._write: (w(*a), a[0].name == 'config.yaml' and {hold})",  # noqa: E501
        "write": f"certificate.write = lambda *a: {hold}",
    }
    process = study.begin(*arguments, patch=patches.get(where, ""))
    if where in patches:
        wait_until(mark.exists)
    else:
        folder = {"run 1": "first/study", "run 2": "second räume/another study"}[where]
        wait_until(lambda: any(study.temporary.glob(f"*/{folder}/.run/logs/raw.log")))
    return process


def working_in(folder: Path) -> list[psutil.Process]:
    """Processes that have a room below this folder."""
    return [p for p in psutil.process_iter() if variable(p).startswith(str(folder.resolve()))]


def variable(process: psutil.Process) -> str:
    try:
        return process.environ().get("GOLD_ROOM", "")
    except (psutil.Error, OSError):
        return ""


@pytest.fixture
def slow(study):
    """A study whose first step takes a while."""
    study.edit("scripts/step.py", "wait = ", "'raw' in target and time.sleep(1.5)\nwait = ")
    study.commit()
    return study


@pytest.mark.slow
@pytest.mark.parametrize("where", ["copy", "run 1", "run 2", "write"])
def test_killed_at_any_moment_nothing_is_left_but_a_room_that_the_next_call_clears(slow, where):
    before = slow.contents()
    process = begin_and_hold(slow, where)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert slow.contents() == before
    [room] = slow.rooms
    assert bool(working_in(slow.temporary)) == where.startswith("run")
    code = "from gold_standard import rooms; rooms.sweep()"
    subprocess.run([sys.executable, "-c", code], env=os.environ | slow.variables, check=True)
    assert slow.rooms == [] and working_in(slow.temporary) == []
    assert slow.contents() == before


@pytest.mark.slow
def test_the_call_after_a_killed_one_clears_up_and_verifies(slow):
    process = begin_and_hold(slow, "run 1", "--once")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    result = slow.verify("--once")
    assert result.status == 0, result.out + result.err
    assert slow.rooms == [] and len(slow.certificates) == 1


@pytest.mark.slow
def test_stopped_by_hand_the_room_is_cleared(slow):
    before = slow.contents()
    process = begin_and_hold(slow, "run 1")
    os.killpg(process.pid, signal.SIGINT)
    result = slow.finish(process)
    assert result.status == 2 and "Stopped" in result.err
    assert slow.rooms == [] and slow.contents() == before
    assert working_in(slow.temporary) == []


@pytest.mark.slow
def test_two_at_once_do_not_disturb_each_other(slow):
    first = begin_and_hold(slow, "run 1", "--once")
    slow.said = slow.root.parent / "said"
    slow.said.mkdir()
    second = slow.verify("--once")
    assert second.status == 0, second.out + second.err
    assert first.wait(60) == 0
    assert len(slow.certificates) == 2 and slow.rooms == []


def test_two_that_end_together_take_two_names(tmp_path):
    paths = [certificate._reserved(tmp_path, "2026-11-22-d", record()) for _ in range(3)]
    assert [path.name[-7:] for path in paths] == ["-d.json", "-2.json", "-3.json"]


def test_a_room_of_another_machine_or_with_a_holder_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(rooms.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(rooms.tempfile, "tempdir", str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine = tmp_path / f"gold-verify-{dead.pid}.5.{rooms._machine()}-a"
    others = tmp_path / f"gold-verify-{dead.pid}.5.beer-a"
    held = tmp_path / f"gold-verify-{dead.pid}.6.{rooms._machine()}-a"
    link = tmp_path / f"gold-verify-{dead.pid}.7.{rooms._machine()}-a"
    for folder in (mine, others, held):
        folder.mkdir()
    link.symlink_to(others)
    with rooms.only_one(held / "lock", "busy"):
        rooms.sweep()
    assert sorted(tmp_path.iterdir()) == sorted([others, held, link])


@pytest.mark.slow
def test_kept_rooms_stay_and_the_next_call_leaves_them(study):
    assert study.verify("--once", "--keep").status == 0
    [room] = study.rooms
    assert (room / "first/study/results/metrics.csv").is_file()
    result = study.verify("--once")
    assert result.status == 0 and study.rooms == [room]


def test_read_only_files_and_folders_are_cleared(tmp_path):
    room = tmp_path / "room"
    (room / "a/b").mkdir(parents=True)
    (room / "a/b/file").write_text("x")
    (room / "a/b/file").chmod(stat.S_IRUSR)
    for folder in ("a/b", "a"):
        (room / folder).chmod(stat.S_IRUSR | stat.S_IXUSR)
    code = f"from gold_standard import rooms; rooms.clear(rooms.Path({str(room)!r}))"
    words = [sys.executable, "-c", code]
    if os.geteuid() == 0:  # whom permissions do not stop, unless that right is taken away
        rights = "-dac_override,-dac_read_search"
        words = ["setpriv", f"--bounding-set={rights}", "--inh-caps=-all", *words]
        if not shutil.which("setpriv"):
            pytest.skip("root clears everything")
    subprocess.run(words, check=True, env=os.environ | {"PYTHONPATH": str(SOURCE)})
    assert not room.exists()


# What is in the way


@pytest.mark.slow
@pytest.mark.parametrize("size, moment", [("32k", "copy"), ("160k", "run")])
def test_a_full_disk_for_the_rooms_is_one_clear_sentence(study, tmp_path, size, moment):
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        before = study.contents()
        result = study.verify("--once", TMPDIR=str(disk))
        assert result.status != 0
        assert "disk is full" in result.err, result.out + result.err
        assert "Traceback" not in result.err
        assert study.contents() == before
        assert list(disk.iterdir()) == []
        assert ("Run 1" in result.out) == (moment == "run")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_without_git_a_repository_is_refused_and_a_mere_folder_verifies(study, tmp_path):
    programs = only(tmp_path / "bin", "bash", "sh")
    result = never_verified(study, PATH=programs)
    assert result.status == 2 and "git is not installed" in result.err
    result = never_verified(study, "--from", "https://example.org/a.git", PATH=programs)
    assert result.status == 2 and "git is not installed" in result.err
    shutil.rmtree(study.root / ".git")
    result = study.verify("--once", PATH=programs)
    assert result.status == 0, result.out + result.err


@pytest.mark.slow
def test_a_submodule_and_a_file_in_lfs_are_refused_by_name(study):
    entry = "160000,0123456789012345678901234567890123456789,vendor/lib"
    study.git("update-index", "--add", "--cacheinfo", entry)
    study.git("commit", "-qm", "submodule")
    result = never_verified(study)
    assert result.status == 2 and "vendor/lib is a submodule" in result.err
    study.git("reset", "-q", "--hard", "HEAD~1")
    study.write("models/seed_1.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    study.commit()
    result = never_verified(study)
    assert result.status == 2 and "seed_1.bin is kept by Git LFS" in result.err


@pytest.mark.slow
def test_a_place_that_is_none_is_one_sentence(study, tmp_path):
    no_zip = tmp_path / "study.tar"
    no_zip.write_bytes(b"no zip")
    broken = tmp_path / "broken.zip"
    whole = zipped(study, tmp_path / "whole.zip").read_bytes()
    broken.write_bytes(whole[:300] + bytes(200) + whole[500:])
    outside = tmp_path / "outside.zip"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("../outside.txt", "x")
    empty = tmp_path / "empty"
    empty.mkdir()
    for place, told in {
        tmp_path / "nowhere": "no such folder or archive",
        no_zip: "no zip archive that can be read",
        broken: "",
        outside: "would land outside",
        empty: "no reproduce.py",
        (tmp_path / "none").as_uri(): "cannot be cloned",
    }.items():
        result = never_verified(study, "--once", "--from", str(place))
        assert result.status == 2 and told in result.err, result.err
        assert "Traceback" not in result.err
    assert not (tmp_path / "outside.txt").exists()


def test_no_temporary_folder_is_no_reason_to_write_into_the_present_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rooms.tempfile, "gettempdir", lambda: str(tmp_path))
    with pytest.raises(Refusal, match="TMPDIR"), rooms.room(keep=False):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_folder_that_cannot_take_the_record_still_gets_the_verdict(study):
    study.write("certificates", "a file in the way")
    study.write(".gitignore", study.read(".gitignore") + "certificates\n")
    result = study.verify("--once")
    assert "Verified" in result.out and result.status != 0


# Small questions


@pytest.mark.parametrize(
    "text, found",
    [
        ('open("/usr/share/dict/words")', False),
        ("https://example.org/home/data.csv", False),
        ('"results/metrics.csv"', False),
        ("../data/x.csv", False),
        (f'read("{Path(__file__).resolve()}")', True),
        (f"path: {Path(__file__).resolve()}", True),
        (f"file://{Path(__file__).resolve()}", True),
        (f"read({str(Path.home())}/not-there.csv)", True),
        ("/nowhere/at/all.csv", False),
    ],
)
def test_a_path_is_foreign_where_it_is_one_of_this_machine(text, found):
    named = [n for n in verify.OWN_PATHS.findall(text) if verify._is_of_this_machine(n)]
    assert bool(named) is found


def test_modules_named_like_folders_of_results_are_read_as_well(tmp_path):
    line = f"path = '{Path(__file__).resolve()}'\n"
    for name in ("models.py", "src/results.py", "toolsmith/a.py", "results/a.py", "tools/a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(line)
    found = verify.Visit._foreign_paths(SimpleNamespace(), tmp_path)
    assert [text.split(",")[0] for text in found] == [
        "models.py",
        "src/results.py",
        "toolsmith/a.py",
    ]


def test_the_expected_time_counts_the_second_run_on_one_core(tmp_path):
    (tmp_path / "record").mkdir()
    path = tmp_path / "record/run.json"
    path.write_text(json.dumps({"totals": {"wall_seconds": 10.0, "cpu_seconds": 36.0}}))
    assert verify._expected(tmp_path, 1) == (10.0, 10.0)
    assert verify._expected(tmp_path, 2) == (10.0, 46.0)
    for text in ("{}", "[]", "{", '{"totals": 3}', '{"totals": {"wall_seconds": "long"}}'):
        path.write_text(text)
        assert verify._expected(tmp_path, 2) == (None, 0.0)
