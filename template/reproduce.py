"""Reproduces this study: `python reproduce.py`. More: `python reproduce.py --help`."""

# Any Python must be able to read this file, so that an old one is told what is wrong.
import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(ROOT, "tools")
OLDEST, NEWEST = (3, 11), (3, 14)


def stop(sentence):
    sys.stderr.write("reproduce.py: %s\n" % sentence)
    sys.exit(2)


def check_python():
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        stop(
            "This is Python %d.%d; the study runs on Python 3.11 to 3.14. "
            "Call it with one of these, for example: python3.13 reproduce.py" % sys.version_info[:2]
        )


def wheel():
    """The machinery's file, after comparing it with what tools.lock says."""
    import hashlib
    import re

    try:
        with open(os.path.join(TOOLS, "tools.lock"), encoding="utf-8") as file:
            lock = file.read()
        version, wanted = re.search(
            r"^gold-standard==(\S+)\s*\\\s*--hash=sha256:([0-9a-f]{64})", lock, re.MULTILINE
        ).groups()
        path = os.path.join(TOOLS, "gold_standard-%s-py3-none-any.whl" % version)
        with open(path, "rb") as file:
            found = hashlib.sha256(file.read()).hexdigest()
    except (EnvironmentError, AttributeError) as error:
        stop("The folder tools/ is not complete (%s). Get it again from where you have it." % error)
    if found != wanted:
        stop(
            "%s is not the file that tools.lock names: its sha256 is %s, not %s. "
            "Get the folder tools/ again from where you have it." % (path, found, wanted)
        )
    return path


if __name__ == "__main__":
    check_python()
    # A file of yours named like a module of Python must not be taken for it.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != ROOT]
    sys.path.insert(0, wheel())
    from gold_standard import cli

    sys.exit(cli.main(sys.argv[1:], ROOT))
