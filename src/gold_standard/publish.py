"""`publish`: the archive of a study, built from a commit, and reproduced before it leaves."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from gold_standard import archive, environment, publication, rooms, verify, wheels
from gold_standard.errors import Refusal
from gold_standard.git import Git
from gold_standard.layout import REAL, read_settings
from gold_standard.locking import only_one
from gold_standard.run import sha256_or_none
from gold_standard.step import SNAKEMAKE_STAMP

SANDBOX = "https://sandbox.zenodo.org"
TEST = "10.5072/"  # the prefix of DOIs that are never registered
MOST_FILES = 90  # of a record, loose; an archive takes a hundred


@dataclass
class Plan:
    """What this call publishes."""

    root: Path
    options: object
    git: Git
    told: publication.Publication
    digest: str = ""  # of what was packed

    @property
    def name(self) -> str:
        return archive.name(self.root, self.told) + ("-anonymous" * self.options.anonymous)

    @property
    def target(self) -> Path:
        return self.root / "dist" / f"{self.name}.zip"

    @property
    def staged(self) -> Path:
        return self.root / ".run" / "publish" / self.name

    @cached_property
    def models(self) -> list[Path]:
        return _models(self.root)

    @property
    def sends(self) -> bool:
        return self.options.deposit or self.options.publish

    @property
    def service(self) -> str:
        return (self.options.service or SANDBOX).rstrip("/")


def main(root: Path, options) -> int:
    """Build and verify the archive, and where asked to deposit it; 0, or a Refusal."""
    _refuse_together(options)
    with only_one(root / ".run" / "publish.lock", "Another call of publish is running here."):
        return _publish(root, options)


def _publish(root: Path, options) -> int:
    plan = Plan(root, options, Git(root), publication.read(root))
    _refuse_stale(plan)
    archive.refuse_unclean(root, plan.git)
    # What can be refused is, before anything takes long.
    archive.data_of(root, plan.told, _controlled(plan))
    if options.with_wheels is not None:
        wheels.targets(options.with_wheels)
    if options.dry_run:
        return _tell_only(plan)
    drafts = _drafts(plan) if plan.sends else None
    if not options.anonymous:
        _verify_first(plan)
    if drafts:
        _reserve(plan, drafts)
    _build(plan)
    try:
        _verify_archive(plan)
    except BaseException:
        plan.target.unlink(missing_ok=True)  # nobody is to hand in by hand what was not reproduced
        raise
    print(f"Ready: dist/{plan.target.name}, sha256 {sha256_or_none(plan.target)}.", flush=True)
    if drafts:
        return _send(plan, drafts)
    print(f"Next: {_next(plan)}")
    return 0


def _refuse_together(options) -> None:
    if options.anonymous and (options.deposit or options.publish):
        raise Refusal(
            "--anonymous makes an archive for reviewers to be handed in by yourself: a deposit "
            "would name its owner. Take one of the two."
        )
    for kind in _records(options.records):
        if kind not in publication.RESOURCES:
            known = ", ".join(publication.RESOURCES)
            raise Refusal(f"--records {kind}: there is no such record. There are: {known}.")


def _records(text: str | None) -> list[str]:
    return [kind.strip() for kind in text.split(",")] if text else []


def _refuse_stale(plan: Plan) -> None:
    if texts := publication.stale(plan.root, plan.told):
        raise Refusal(
            f"{' and '.join(texts)}: this says otherwise than CITATION.cff and pyproject.toml. "
            "Run python reproduce.py, which makes it anew, commit, and call this again."
        )
    path = plan.root / ".zenodo.json"
    present = json.loads(path.read_text("utf-8")) if path.is_file() else None
    if present and (problem := publication.zenodo_problem(present)):
        raise Refusal(f".zenodo.json, {problem}: Zenodo would refuse it. Correct this field.")


def _controlled(plan: Plan) -> bool:
    return read_settings(plan.root).get("data_access") == "controlled"


# Evidence


def _verify_first(plan: Plan) -> None:
    """See to it that a verification of this state agrees. Raises Refusal where none does."""
    with _stage(plan) as names:
        found = archive.verified(names, plan.staged)
    if found:
        print(f"Verified on {found['date'][:10]}: {found['path']}.")
        return
    print("No verification of this state is here yet, so it is verified now.\n", flush=True)
    if verify.main(plan.root, _verification(plan, source=None, once=False)):
        raise Refusal("It was not verified, and only what is verified is published; see above.")
    print()


def _verification(plan: Plan, source: str | None, once: bool, offline: bool = False):
    """The options of `verify` for this call."""
    taken = {name: getattr(plan.options, name) for name in ("installer", "wheelhouse")}
    fixed = dict.fromkeys(("by", "orcid", "python", "env"))
    return SimpleNamespace(
        source=source, once=once, offline=offline, keep=False, from_models=False, **taken, **fixed
    )


def _verify_archive(plan: Plan) -> None:
    """Unpack the very archive in an empty folder, and reproduce it there."""
    offline = plan.options.with_wheels is not None and _here(plan) and _can_be_offline()
    options = _verification(plan, str(plan.target), once=True, offline=offline)
    if plan.options.with_wheels is not None:
        options.wheelhouse = None  # its own
    how = " with the network switched off" if offline else ""
    print(f"\nUnpacking {plan.target.name} in an empty folder, to reproduce it there{how}.")
    with rooms.room(keep=False) as room:
        source, _ = verify.source_of(str(plan.target), plan.root, room)
        visit = verify.Visit(source, room, environment.base_python(), options)
        visit.go()
        if visit.unfinished:
            raise Refusal(
                f"{plan.target.name} is not to be published, and was removed. {_why(offline)}"
            )
        print(visit.conclusion(), flush=True)
        if not visit.agrees or visit.digest != plan.digest:
            raise Refusal(
                f"{plan.target.name} does not reproduce what it holds, and was removed; see above."
            )
    shutil.rmtree(plan.staged.parent, ignore_errors=True)


def _here(plan: Plan) -> bool:
    """Whether the wheels that are brought along are also for this machine."""
    here = wheels.targets("")[0]
    return here in wheels.targets(plan.options.with_wheels)


def _can_be_offline() -> bool:
    try:
        verify.without_network()
    except Refusal:
        print("The network cannot be switched off here; packages come from wheels/ alone.")
        return False
    return True


def _why(offline: bool) -> str:
    if offline:
        return (
            "With the network off it does not come to its end; see above. If it downloads its "
            "data, commit a copy and name that in config.yaml as well, or leave --with-wheels out."
        )
    return "Unpacked elsewhere it does not come to its end; see above."


# The archive


class _stage:
    """What is committed, in a folder of its own, for the time of a `with`."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __enter__(self) -> list[str]:
        shutil.rmtree(self.plan.staged.parent, ignore_errors=True)
        return archive.stage(self.plan.root, self.plan.staged, self.plan.git)

    def __exit__(self, *_) -> None:
        shutil.rmtree(self.plan.staged.parent, ignore_errors=True)


def _build(plan: Plan) -> None:
    """Write dist/<name>.zip."""
    shutil.rmtree(plan.staged.parent, ignore_errors=True)
    folder = plan.staged
    names = archive.stage(plan.root, folder, plan.git)
    names += archive.add_data(plan.root, folder, plan.told, _controlled(plan))
    told = plan.told
    if plan.options.anonymous:
        from gold_standard import anonymous

        names = anonymous.make(plan.root, folder, names, told)
        told = publication.anonymous(told)
    if plan.options.with_wheels is not None:
        asked = wheels.targets(plan.options.with_wheels)
        names += wheels.gather(plan.root, folder, asked, plan.options)
    names.append(archive.describe(folder, names, told, _date(plan)))
    if plan.options.anonymous:
        anonymous.refuse_names(plan.root, folder, names, plan.told)
    _make_dist(plan.target.parent)
    plan.digest = archive.digest(folder, names)
    archive.pack(folder, names, plan.target)
    size = archive.size_of(plan.target.stat().st_size)
    print(f"Built: dist/{plan.target.name}, {size}, {len(set(names))} files.", flush=True)


def _make_dist(dist: Path) -> None:
    """A folder that Git ignores, whatever the study's own settings say; a present one stays."""
    if dist.exists() and not dist.is_dir():
        raise Refusal("dist is a file, and the archive goes into a folder of that name: move it.")
    if not dist.is_dir():
        dist.mkdir()
        (dist / ".gitignore").write_text("*\n", encoding="ascii")


def _date(plan: Plan) -> str:
    """The day of the run: the same whenever the archive is built, and after the next commit."""
    started = archive.record_of(plan.staged).get("totals", {}).get("started", "")
    return started[:10] or _date_of_commit(plan)


def _date_of_commit(plan: Plan) -> str:
    done = subprocess.run(
        ["git", "show", "-s", "--format=%cs", "HEAD"],
        cwd=plan.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip() or "1980-01-01"


def _tell_only(plan: Plan) -> int:
    """Print what would be built and sent."""
    with _stage(plan) as names:
        print(f"Would build {plan.target.name}:\n{archive.listing(plan.staged, names)}")
        if plan.options.with_wheels is not None:
            found = wheels.targets(plan.options.with_wheels)
            print(f"and every wheel of both locks for {', '.join(map(str, found))}.")
        found = archive.verified(names, plan.staged)
    said = f"on {found['date'][:10]}" if found else "not yet; that comes first"
    print(f"Verified: {said}.")
    if not plan.options.anonymous:
        for kind in kinds(plan):
            files = "\n".join(f"  {path.name}" for path in _files(plan, kind, build=False))
            print(f"\nThe record of the {kind} would hold\n{files}\nand say")
            print(json.dumps(_metadata(plan, kind), indent=1, ensure_ascii=False))
    print("\nNothing was built or sent.")
    return 0


def _next(plan: Plan) -> str:
    if plan.options.anonymous:
        return f"look into dist/{plan.target.name}, then hand it in."
    return "python reproduce.py publish --deposit makes drafts of it at Zenodo's sandbox."


# The deposit


def kinds(plan: Plan) -> list[str]:
    """What gets a record of its own: the code, and the models where there are any."""
    asked = _records(plan.options.records)
    return asked or ["code", *(["model"] if plan.models else [])]


def _models(root: Path) -> list[Path]:
    """The models of the run's record: what else lies in their folder belongs to no study.

    Raises Refusal for one that is not there as the run made it.
    """
    made = {p: v for s in archive.record_of(root).get("steps", []) for p, v in s["outputs"].items()}
    found = []
    for inside in sorted(path for path in made if path.startswith(f"{REAL.models}/")):
        path = root / inside
        if sha256_or_none(path) != made[inside]:
            raise Refusal(
                f"{inside} is not the one that the run made: python reproduce.py makes it anew."
            )
        below = [one for one in path.rglob("*") if one.name != SNAKEMAKE_STAMP]
        found += [one for one in sorted(below) if one.is_file()] if path.is_dir() else [path]
    return found


def _files(plan: Plan, kind: str, build: bool = True) -> list[Path]:
    """The files of one record. Raises Refusal where there is none."""
    if kind == "code":
        return [plan.target]
    if kind == "data":
        found = [plan.root / path for path in plan.told.settings.get("data", [])]
        papers = ["data/README.md"]
        why = 'pyproject.toml, [tool.gold-standard.publish], names no data: data = ["data/…"].'
    else:
        found, papers = [*plan.models], ["MODEL_CARD.md", "LICENSE"]
        why = f"{REAL.record} names no file in {REAL.models}/: run python reproduce.py first."
    if not found:
        raise Refusal(why)
    found += [plan.root / path for path in papers if (plan.root / path).is_file()]
    if len({path.name for path in found}) == len(found) <= MOST_FILES:
        return found
    target = plan.target.with_name(f"{plan.name}-{kind}.zip")
    if build:
        inside = [path.relative_to(plan.root).as_posix() for path in found]
        archive.pack(plan.root, inside, target)
    return [target]


def _metadata(plan: Plan, kind: str) -> dict:
    host = urlsplit(plan.service).hostname or ""
    publisher = "Zenodo" if host.endswith("zenodo.org") else host
    return publication.invenio(plan.told, kind, datetime.now(UTC).date().isoformat(), publisher)


def _drafts(plan: Plan):
    """The service with what was begun there. Raises Refusal for what cannot be sent there."""
    from gold_standard import deposit

    for kind in kinds(plan):
        _files(plan, kind, build=False)
        _previous(plan, kind)
    service = deposit.Service(plan.service, deposit.token(os.environ, plan.service))
    drafts = deposit.Deposit(service, plan.root / ".run" / "publish.json")
    for name in plan.told.settings.get("communities", []):
        drafts.community(name)
    return drafts


def _reserve(plan: Plan, drafts) -> None:
    """Have an identifier for each record, and write them where they belong."""
    found = {}
    for kind in kinds(plan):
        named = plan.told.identifiers.get(kind, "")
        previous = _previous(plan, kind)
        found[kind] = drafts.reserve(kind, _metadata(plan, kind), previous, named)
        print(f"Reserved for the {kind}: {found[kind]}", flush=True)
    for hint in publication.write_identifiers(plan.root, found):
        print(hint)
    plan.told = publication.read(plan.root)


def _is_sandbox(plan: Plan) -> bool:
    return urlsplit(plan.service).hostname == urlsplit(SANDBOX).hostname


def _previous(plan: Plan, kind: str) -> str | None:
    """The identifier of which this is a new version; what was practised is none."""
    before = plan.told.identifiers.get(kind, "")
    if before.startswith("10.") and not before.startswith(TEST) and _is_sandbox(plan):
        raise Refusal(
            f"This goes to Zenodo's sandbox, whose DOI would take the place of {before} in "
            "CITATION.cff. Practise in a copy of the study that does not name it, or name the "
            "service: --service https://zenodo.org."
        )
    return before if before.startswith("10.") and not before.startswith(TEST) else None


def _send(plan: Plan, drafts) -> int:
    for kind in kinds(plan):
        drafts.describe(kind, _metadata(plan, kind))
        drafts.upload(kind, _files(plan, kind))
    waiting = [kind for kind in kinds(plan) if not drafts.is_published(kind)]
    if waiting and not plan.options.publish:
        for kind in waiting:
            print(f"Draft of the {kind}, to be looked at: {drafts.address(kind)}")
        print(f"Nothing is published yet. Next: commit, look at the drafts, then\n{_again(plan)}")
        return 0
    if waiting:
        _ask(plan)
    for kind in kinds(plan):
        print(f"Published, the {kind}: {drafts.publish(kind)}", flush=True)
    if plan.options.publish:
        for kind in kinds(plan):
            drafts.suggest(kind, plan.told.settings.get("communities", []))
    print("Next: commit CITATION.cff, README.md, MODEL_CARD.md and certificates/.")
    return 0


def _again(plan: Plan) -> str:
    """The command that publishes what this call made."""
    words = ["python reproduce.py publish --publish"]
    for name in ("service", "records", "with_wheels"):
        value, flag = getattr(plan.options, name), f"--{name.replace('_', '-')}"
        words += [f"{flag} {value}".strip()] if value is not None else []
    return " ".join(words)


def _ask(plan: Plan) -> None:
    """Ask once more: what is published cannot be taken back."""
    try:
        answer = input(f"Publish at {plan.service}? It cannot be taken back. Type yes: ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        raise Refusal("Not published; the drafts stay, and the next call goes on from here.")
