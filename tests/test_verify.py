"""`verify`: what a clean room lets through, and what it must not, on studies of tiny steps."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pages
import pytest
from ministudy import Verifiable, planted
from verifying import copied, finish, known_of, never_verified, problems, zipped

from gold_standard import certificate
from gold_standard.check import runs
from gold_standard.machine import usable_cores

OUTSIDER = ("--by", "Ada Lovelace", "--orcid", "0000-0001-5109-3700")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return finish(tmp_path_factory.mktemp("verify") / "study")


@pytest.fixture
def study(finished, tmp_path):
    return copied(finished, tmp_path / "a stüdy")


def untouched(before: dict, study: Verifiable) -> None:
    """Nothing in the person's folder is other than before, but for new records."""
    now = study.contents()
    assert before.items() <= now.items()
    assert all(path.startswith("certificates/") for path in now.keys() - before.keys())


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
    place, told, more = str(study.root), "a stüdy", []
    if how == "zip":
        place, told = str(zipped(study, tmp_path / "study.zip", beside=True)), "study.zip"
    elif how == "address":
        place, told = study.root.as_uri(), "file://…/a%20st%C3%BCdy"
        line = pages.line("reviewers.md", "python reproduce.py verify --from")
        more = shlex.split(line)[5:]
    elif how == "shallow clone":
        study.write("notes.txt", "a second commit")
        study.commit()
        before = study.contents()
        words = ["git", "clone", "-q", "--depth", "1", study.root.as_uri(), str(tmp_path / "clone")]
        subprocess.run(words, check=True)
        place, told = str(tmp_path / "clone"), "clone"
    result = study.verify("--once", "--from", place, *more, cwd=here)
    assert result.status == 0, result.out + result.err
    [path] = (here / "certificates").glob("*.json")
    record = json.loads(path.read_text("utf-8"))
    assert record["agrees"] and record["study"]["from"] == told
    assert record["kind"] == ("certificate" if more else "re-run record")
    assert study.contents() == before
    digest = runs.digest_of(study.root)
    assert record["study"]["digest"] == digest
    assert study.rooms == []


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
    assert "twice in clean rooms, results/ agree" in result.out
    page = next((study.root / "certificates").glob("*.md")).read_text("utf-8")
    assert "| Compared | `results/`; the models from run to run only |" in page
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
    assert "comparisons within tolerance" in result.out
    found = study.certificates[0]["files"]["results/metrics.csv"]["with_committed"]
    assert found["kind"] == "within tolerance" and "row 1, column score" in found["where"]
    tolerance = study.certificates[0]["tolerance"]
    assert tolerance == {"rtol": 1e-4, "atol": 1e-12, "pixels": 0.0}
    page = next((study.root / "certificates").glob("*.md")).read_text("utf-8")
    assert "| Tolerance | rtol 0.0001, atol 1e-12, pixels 0 |" in page
    assert f"within tolerance (largest difference {found['largest']:.1e}) | identical |" in page
    assert known_of(study).verified["agrees"]


@pytest.mark.slow
def test_an_uncommitted_change_of_authors_makes_no_outsider(study):
    study.edit("CITATION.cff", "John W.", "Emmy")
    study.edit("CITATION.cff", "Tukey", "Noether")
    assert study.verify("--once", "--by", "John Tukey").status == 0
    assert study.certificates[0]["kind"] == "re-run record"


@pytest.mark.parametrize(
    "by, kind, title",
    [
        (OUTSIDER, "certificate", "# Certificate of reproduction"),
        (("--by", "Tukey, John"), "re-run record", "# Record of a re-run"),
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
@pytest.mark.parametrize("record", ["of this state", "of another", "none"])
def test_a_step_whose_input_is_missing_is_missed_though_what_it_makes_is_committed(study, record):
    study.edit(
        "Snakefile",
        'script="scripts/step.py",\n    output:',
        'script="scripts/step.py",\n        hand="data/by_hand.txt",\n    output:',
    )
    study.write("data/by_hand.txt", "x")
    assert study.reproduce().status == 0
    study.git("add", "-f", "data/raw.txt")
    study.commit()
    study.reproduce()
    if record == "of another":
        study.write("notes.txt", "edited after the run")
    elif record == "none":
        study.git("rm", "-rqf", "record")
    study.commit()
    err = never_verified(study, "--once").err
    assert "The step raw cannot run, although data/raw.txt is there" in err
    assert "data/by_hand.txt is missing" in err


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
    pages = [page.read_text("utf-8") for page in (study.root / "certificates").glob("*.md")]
    told = "The pipeline is reproduced on the stand-in; the results are not."
    assert [told in page for page in pages].count(True) == 1
    assert known_of(study).standin


# A study that says more of itself than is so

FORGED = """target, *models = sys.argv[1:]
if not pathlib.Path(".git").exists():
    pathlib.Path("record").mkdir(exist_ok=True)
    pathlib.Path("record/run.json").write_text('{"layout": "real", "steps": [{}], "comparison": {"files": {"results/metrics.csv": {"kind": "identical"}}}}')
    sys.exit("this step fails")"""  # noqa: E501


@pytest.mark.slow
def test_a_record_that_a_failing_step_wrote_is_not_believed(study):
    study.edit("scripts/table.py", "target, *models = sys.argv[1:]", FORGED)
    study.commit()
    result = never_verified(study, "--once", *OUTSIDER)
    assert "did not come to its end" in result.out


# A reproduce.py that runs the study, and then edits what its record says.
LIAR = """import json
path = ROOT / "record/run.json"
record = json.loads(path.read_text())
CHANGE
path.write_text(json.dumps(record))
sys.exit(status)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "change, said",
    [('record["comparison"]["files"]["results/metrics.csv"] = {"kind": "identical"}',
      "called identical, and its bytes are not"),
     ('del record["comparison"]["files"]["results/metrics.csv"]',
      "the run's record does not name it"),
     ('record["comparison"] = []', "the run's record does not name it"),
     ('record["steps"] = [{}]', None), ('record["layout"] = "stand-in"', None)],
)  # fmt: skip
def test_a_record_that_says_what_the_bytes_do_not_is_named(study, change, said):
    study.edit("results/metrics.csv", "0.", "0.9")
    study.edit(
        "reproduce.py",
        "    sys.exit(run.main(ROOT, options))",
        "    status = run.main(ROOT, options)",
    )
    study.write("reproduce.py", study.read("reproduce.py") + LIAR.replace("CHANGE", change))
    study.commit()
    if said is None:
        never_verified(study, "--once")
        return
    result = study.verify("--once")
    assert result.status == 1
    assert f"results/metrics.csv: {said}" in " ".join(problems(result))


@pytest.mark.slow
def test_what_a_run_makes_for_itself_is_left_out_though_it_was_committed(study):
    study.write("data/raw.txt", "falsified\n")
    for path in (study.root / ".run/done").glob("*.json"):
        done = json.loads(path.read_text())
        if done["rule"] == "raw":
            found = hashlib.sha256((study.root / "data/raw.txt").read_bytes()).hexdigest()
            path.write_text(json.dumps(done | {"outputs": {"data/raw.txt": found}}))
    study.reproduce()
    study.git("add", "-f", "data/raw.txt", ".run")
    study.commit()
    result = study.verify("--once")
    assert result.status == 1, result.out
    assert "Committed, and left out of the room, which makes its own: .run." in result.out
    assert any("models/seed_1.bin: different" in text for text in problems(result))
    assert "data/raw.txt: different from what is committed" in problems(result)


@pytest.mark.slow
def test_a_committed_output_elsewhere_is_compared(study):
    study.edit(
        "Snakefile",
        '"<results>/figure.txt",\n    log',
        '"<results>/figure.txt", "paper/time.txt",\n    log',
    )
    study.edit("scripts/step.py", "target, *words = sys.argv[1:]", (
        "target, *words = sys.argv[1:]\nif words[0] == 'paper/time.txt':\n"
        "    pathlib.Path('paper').mkdir(exist_ok=True)\n"
        "    pathlib.Path(words.pop(0)).write_text(str(time.time_ns()))"
    ))  # fmt: skip
    assert study.reproduce().status == 0
    study.commit()
    result = study.verify("--once")
    assert problems(result) == ["paper/time.txt: different from what is committed"]


SEARCH = """target, *models = sys.argv[1:]
found = [p for p in pathlib.Path(".").rglob("metrics.csv") if str(p) != target]
if found:
    pathlib.Path(target).write_bytes(found[0].read_bytes()); sys.exit()
"""


@pytest.mark.slow
def test_no_step_finds_what_it_is_compared_with(study):
    study.edit("results/metrics.csv", "0.", "0.9")
    study.edit("scripts/table.py", "target, *models = sys.argv[1:]", SEARCH)
    study.commit()
    result = study.verify()
    assert any(text.startswith("results/metrics.csv: different") for text in problems(result))
    assert "Compared with what is committed:" in result.out
    assert "Compared with the first run:" in result.out
    assert "Reproduced:" not in result.out and "eproduced: " not in result.out


@pytest.mark.slow
def test_no_step_is_told_that_it_works_in_a_clean_room(study):
    study.edit("scripts/table.py", "target, *models = sys.argv[1:]", (
        "target, *models = sys.argv[1:]\nimport os\n"
        "assert not {'GOLD_ROOM', 'GOLD_REFERENCE', 'GOLD_FROM_MODELS'}.intersection(os.environ)"
    ))  # fmt: skip
    study.commit()
    assert study.verify("--once").status == 0


PREDICT = """[tool.gold-standard.compare]
predict = "-c 'import sys; open(sys.argv[1], chr(119)).write(str()); CODE' {predictions}"
"""


@pytest.mark.slow
def test_models_that_predict_an_empty_table_do_not_agree_by_it(study):
    study.write("pyproject.toml", study.read("pyproject.toml") + PREDICT.replace("CODE", "0"))
    study.write("models/seed_1.bin", "an entirely other model")
    study.commit()
    told = problems(study.verify("--once"))
    assert any("models/seed_1.bin: different" in p and "predicts nothing" in p for p in told)


@pytest.mark.slow
def test_other_braces_in_predict_are_told(study):
    study.write("pyproject.toml", study.read("pyproject.toml") + PREDICT.replace("CODE", "{}"))
    study.write("models/seed_1.bin", "an entirely other model")
    study.commit()
    result = never_verified(study, "--once")
    assert "In braces it names nothing but model, predictions" in result.err
    assert "Traceback" not in result.err


@pytest.mark.slow
def test_links_are_no_results(study):
    study.write("frozen/metrics.csv", study.read("results/metrics.csv"))
    study.edit("scripts/table.py", "target, *models = sys.argv[1:]", (
        "target, *models = sys.argv[1:]\nimport os\n"
        "os.symlink('../frozen/metrics.csv', target); sys.exit()"
    ))  # fmt: skip
    (study.root / "results/gone.csv").symlink_to("../nowhere.csv")
    study.commit()
    told = problems(study.verify("--once"))
    assert any(
        text.startswith("results/metrics.csv: different") and "is a link" in text for text in told
    )
    assert any(text.startswith("results/gone.csv: ") for text in told)


@pytest.mark.slow
def test_a_certificate_holds_until_a_newer_record_disagrees(study):
    assert study.verify("--once", *OUTSIDER).status == 0
    assert study.verify("--once").status == 0
    known = known_of(study)
    assert known.certified and known.verified["by"] is None
    [newer] = (study.root / "certificates").glob("*-2.json")
    content = json.loads(newer.read_text("utf-8"))
    content |= {"agrees": False, "problems": ["results/metrics.csv: different"]}
    content["checksum"] = certificate.checksum(content)
    newer.write_text(json.dumps(content), "utf-8")
    known = known_of(study)
    assert not known.certified and known.agreement()[0] is False


@pytest.mark.slow
def test_a_name_that_is_not_utf8_is_refused_and_one_with_control_characters_shown_safely(study):
    study.write("results/a\nVerified: run twice\x1b[31m.csv", "x\n")
    study.commit()
    result = study.verify("--once")
    assert "results/a?Verified: run twice?[31m.csv: committed, and the run" in problems(result)[0]
    assert "\x1b" not in result.out and "\nVerified" not in result.out
    Path(os.fsdecode(os.fsencode(study.root) + b"/results/caf\xe9.csv")).write_text("x\n")
    study.commit()
    result = never_verified(study, "--once")
    assert "is not UTF-8" in result.err and "Traceback" not in result.err


@pytest.mark.slow
def test_each_end_names_the_next_step_and_the_kept_folder(study, tmp_path):
    result = study.verify("--once", "--keep")
    assert "Next: commit certificates/" in result.out
    [room] = study.rooms
    assert f"Kept, as asked for: {room / 'first/study'}" in result.out
    here = tmp_path / "here"
    here.mkdir()
    assert "to the authors" in study.verify("--once", "--from", str(study.root), cwd=here).out
    study.write("src/train.py", "fail")
    study.commit()
    result = study.verify("--once", "--keep")
    log = re.search("Its logs: (.*)", result.out)[1]
    assert "The whole log" not in result.err and list(Path(log).glob("train*.log"))
    assert "Next: mend it" in result.out


@pytest.mark.slow
def test_without_a_home_the_second_run_has_an_empty_one_as_well(study):
    study.edit("scripts/table.py", "target, *models = sys.argv[1:]", (
        "target, *models = sys.argv[1:]\nimport os\n"
        "assert os.environ['TZ'] == 'UTC' or pathlib.Path.home().name == 'home', 'the real home'"
    ))  # fmt: skip
    study.commit()
    result = study.verify(patch="os.environ.pop('HOME')")
    assert result.status == 0, result.err
