"""Every command of the documentation is run by a test, or it is said why none can."""

# ruff: noqa: E501 (commands are as long as the pages have them)

import re

import pages
from helpers import ROOT
from pages import DOCS

PAGES = [ROOT / "README.md", *DOCS.rglob("*.md")]
PAGES = [x for x in PAGES if "decisions" not in x.parts and x.name != "errors.md"]

# Each test, and under it what it runs, with a name where a page leaves one open.
RUN = """
test_archive.py::test_it_is_verified_built_unpacked_and_reproduced
    python reproduce.py publish
test_archive.py::test_wheels_for_the_systems_that_the_page_names_come_along
    python reproduce.py publish --with-wheels linux-x86_64-3.12,darwin-arm64
test_archive.py::test_with_its_wheels_a_study_is_reproduced_without_any_network
    python reproduce.py publish --with-wheels
test_archive.py::test_an_anonymous_archive_reproduces_and_names_nobody
    python reproduce.py publish --anonymous
test_check_command.py::test_a_folder
    gold-standard check PATH
test_check_command.py::test_a_reviewer_judges_an_address_and_gets_a_report_to_attach
    gold-standard check https://host.example/authors/study
    gold-standard check https://host.example/authors/study --format markdown --output report.md
test_check_command.py::test_run_judges_by_a_run_of_a_copy_and_leaves_the_study_alone
    gold-standard check --run https://host.example/authors/study
test_check_command.py::test_several_are_a_table_with_one_line_each
    gold-standard check */
test_check_command.py::test_the_folder_where_one_stands_is_the_default
    gold-standard check
    gold-standard check --format json
test_check_study.py::test_a_real_run_is_judged_as_the_made_up_one
    python reproduce.py check --explain ID
    python reproduce.py report
test_cluster.py::test_a_cluster_gives_the_same_bytes_and_the_record_tells_of_each_job
    python reproduce.py --profile slurm
    python reproduce.py --profile NAME
test_container.py::test_both_commands_that_renew_a_base_do_it_when_typed
    python reproduce.py container --renew
    python3 develop.py base
test_container.py::test_the_image_reproduces_the_study_for_any_caller
    python reproduce.py container
    python reproduce.py container -- --build-arg BASE=python:3.14-slim
test_docs.py::test_the_first_page_leads_to_silver_apart_from_the_archives
    copier copy --defaults --data project_name="Relapse after treatment" <template> .
    python -m pip hash relapse.csv
    python reproduce.py
    python reproduce.py check --run
    python reproduce.py test
test_docs.py::test_the_other_commands_of_the_first_page_do_what_it_says
    git init
    git add .
    git commit
    python reproduce.py --config try.yaml
test_docs.py::test_what_the_teacher_does_beforehand_gives_gold_and_works_without_a_network
    copier copy --defaults <template> patient
    cd patient
    git commit --message "The healthy study"
    git commit --message "Its results"
    git commit --message "Its verification"
    python reproduce.py verify
    python reproduce.py publish --with-wheels linux-x86_64-3.12,darwin-arm64-3.12,windows-amd64-3.12
    python reproduce.py --wheelhouse DIR
test_door.py::test_both_doors_give_the_same_bytes
    copier copy <template> my-study
    cookiecutter <template>
test_door.py::test_both_doors_give_the_same_bytes_for_all_options
    copier copy --defaults --quiet
test_door.py::test_cookiecutter_itself_evaluates_what_is_given_on_its_command_line
    cookiecutter <template> project_name="{{ 7*7 }}"
test_existing_project.py::test_what_would_be_replaced_is_asked_for_first
    git clean -fd
test_existing_project.py::test_what_the_page_begins_with_can_be_taken_back
    git switch -
    git branch -D gold-standard
test_existing_project.py::test_the_page_leads_from_there_to_a_run_that_agrees
    cd my-project
    git switch -c gold-standard
    copier copy <template> .
    git status
    copier copy --defaults <template> ../example
    python reproduce.py lock
    git add --all
    python reproduce.py check
test_fork.py::test_a_fork_has_its_own_defaults_and_rules_and_takes_our_later_releases
    git clone --origin upstream <template> our-template
    cd our-template
    git checkout -b ours
    python3 develop.py pages
    python3 develop.py wheel
    python3 develop.py test
    git pull --no-rebase upstream main
test_fork.py::test_every_command_for_tests_finds_some
    python3 develop.py test -m exhaustive
    python3 develop.py test -m exhaustive -k very_many_answers
    python3 develop.py test tests/test_cluster.py -m exhaustive
    python3 develop.py test tests/test_container.py -m exhaustive
test_fork.py::test_the_locks_are_made_anew_as_they_are
    python3 develop.py lock
test_lock.py::test_the_lines_of_pages_that_make_a_lock_make_one
    uv pip compile - --universal --generate-hashes --only-binary :all: --no-header -o profiles/NAME/tools.lock
    echo kedro | uv pip compile - --generate-hashes --no-header --no-annotate --universal --fork-strategy fewest --python-version 3.11 --only-binary :all:
test_publish_deposit.py::test_the_command_makes_drafts_goes_on_with_them_and_publishes_new_versions
    python reproduce.py publish --deposit
test_pythons.py::test_the_study_verifies_on
    python3.12 reproduce.py
test_study.py::test_a_fresh_study_reproduces_the_results_that_it_came_with
    python3 develop.py study ../my-study
    cd my-study
test_study.py::test_a_smoke_run_leaves_everything_else_alone
    python reproduce.py --smoke
test_study.py::test_the_study_verifies_in_a_clean_room_and_in_part_from_its_models
    python reproduce.py verify --once
test_study.py::test_without_network_a_profile_gets_its_tools_from_the_same_folder
    pip download --no-deps --dest wheels --find-links tools -r requirements.lock
    python reproduce.py --profile slurm --wheelhouse wheels
test_study.py::test_without_network_by_pip_on_one_core_it_makes_the_same_bytes
    python reproduce.py --cores 2
test_updates.py::test_a_labs_file_gives_the_answers_and_the_command_line_counts_more
    copier copy --data-file lab.yml <template> my-study
test_updates.py::test_an_add_on_switched_on_by_an_update_arrives_whole_and_takes_no_file_along
    copier update --data 'add_ons=["cluster"]'
test_updates.py::test_an_answer_that_reaches_no_file_is_told_with_the_line
    copier update --data license=Apache-2.0
test_updates.py::test_an_update_from_every_release_keeps_what_is_yours
    copier update
test_verify.py::test_somebody_elses_study_verifies_and_the_record_is_left_here
    python reproduce.py verify --from https://host.example/authors/study --by "Your Name"
"""

# Why none can, in words of docs/limits.md.
NEVER = """
Docker's engine
    docker build --tag study .
    docker run --name reproduced study
    docker cp reproduced:/out .
    docker run --rm --user 1000:1000 --volume /home/you/my-study/runs/container:/out my-study
    docker run --rm study python reproduce.py check
Apptainer
    podman save --format oci-archive --output study.tar my-study
    apptainer build study.sif docker-daemon:my-study:latest
    apptainer build study.sif oci-archive:study.tar
    mkdir out
    apptainer run --containall --writable-tmpfs --pwd /study --bind out:/out study.sif
`pipx`
    pipx install copier
    pipx install git+<template>
a keyring
    keyring set https://sandbox.zenodo.org token
graphics cards
    python reproduce.py --env gpu
Windows
    py -3.12 reproduce.py
the benchmarks
    python3 develop.py bench
"""


def listed(text: str) -> dict[str, str]:
    """Each command of a table, and what it stands under."""
    found: dict[str, str] = {}
    for part in re.split(r"\n(?=\S)", text.strip()):
        head, *commands = part.splitlines()
        assert commands and not found.keys() & set(map(str.strip, commands)), head
        found |= {command.strip(): head for command in commands}
    return found


def test_every_command_of_a_page_is_in_a_table_and_no_other_is():
    run, never = listed(RUN), listed(NEVER)
    there = {line.strip(): page.name for page in PAGES for line in pages.lines(page)}
    assert not run.keys() & never.keys()
    unknown = there.keys() - run.keys() - never.keys()
    assert not unknown, {line: there[line] for line in unknown}
    assert not (run.keys() | never.keys()) - there.keys(), "no page has it any more"


def test_every_test_that_runs_a_command_is_there():
    for test in set(listed(RUN).values()):
        file, _, name = test.partition("::")
        assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text("utf-8"), test


def test_what_no_test_can_run_is_said_among_the_limits():
    section = (DOCS / "limits.md").read_text("utf-8").partition("## What never ran")[2]
    for reason in set(listed(NEVER).values()):
        assert reason in section, reason
