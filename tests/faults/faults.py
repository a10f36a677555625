#!/usr/bin/python3
"""Reads faults.txt (its format is described there) and plants what it lists.

    faults.py FILE list            a line for each fault: number, tab, test, tab, name
    faults.py FILE plant N ROOT    changes the tree ROOT as fault N says
    faults.py FILE check ROOT      can all of them be planted, each alone?

Exits with 1, and says why, if the file is malformed or a fault does not fit.
"""
import pathlib
import sys
from dataclasses import dataclass, field


@dataclass
class Fault:
    name: str
    file: str = ""
    test: str = ""
    old: list = field(default_factory=list)
    new: list = field(default_factory=list)

    def planted(self, root):
        """The file's text with the fault."""
        text = (root / self.file).read_text()
        old, new = ("".join(lines) for lines in (self.old, self.new))
        found = ("\n" + text).count("\n" + old)
        if not old or found != 1:
            sys.exit(f"[{self.name}]: its lines are {found} times in {self.file}")
        return ("\n" + text).replace("\n" + old, "\n" + new)[1:]


def parse(path):
    faults = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("[") and line.endswith("]"):
            faults.append(Fault(line[1:-1]))
        elif faults and line.startswith("file: "):
            faults[-1].file = line[len("file: "):]
        elif faults and line.startswith("test: "):
            faults[-1].test = line[len("test: "):]
        elif faults and line.startswith("-"):
            faults[-1].old.append(line[1:] + "\n")
        elif faults and line.startswith("+"):
            faults[-1].new.append(line[1:] + "\n")
        elif line and not line.startswith("#"):
            sys.exit(f"{path}:{number}: cannot be read: {line}")
    return faults


def main():
    faults = parse(pathlib.Path(sys.argv[1]))
    command = sys.argv[2]
    if command == "list":
        for number, fault in enumerate(faults, 1):
            print(number, fault.test, fault.name, sep="\t")
    elif command == "plant":
        fault, root = faults[int(sys.argv[3]) - 1], pathlib.Path(sys.argv[4])
        text = fault.planted(root)
        (root / fault.file).write_text(text)
    elif command == "check":
        for fault in faults:
            fault.planted(pathlib.Path(sys.argv[3]))
        print(f"{len(faults)} faults can be planted")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
