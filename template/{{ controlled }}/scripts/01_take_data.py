"""Step 1: take the real data from where you put them, and check that they are the right ones."""

import argparse
import hashlib
import shutil
import sys
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--sha256", required=True, help="an empty text checks nothing")
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()

    if not args.file.is_file():
        sys.exit(
            f"There is no {args.file}: access to the real data is controlled. data/README.md says"
            " how to ask for it and where to put it; without it, the study runs on its stand-in."
        )
    found = hashlib.sha256(args.file.read_bytes()).hexdigest()
    if args.sha256 and found != args.sha256:
        sys.exit(f"{args.file} is not the expected file: sha256 {found}, expected {args.sha256}.")
    args.output.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(args.file, args.output)
    print(f"{args.output.name}: {args.output.stat().st_size} bytes, sha256 {found}")


if __name__ == "__main__":
    main()
