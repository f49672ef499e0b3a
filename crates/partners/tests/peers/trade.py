"""Plays one seller with mock-edi: each paper is sent under a behaviour, and what comes back is kept as files.

usage: trade.py FOLDER PARTNER
FOLDER holds papers named NUMBER-BEHAVIOUR.edi, sent in this order; the answers become NUMBER-BEHAVIOUR.answer-N.edi.
The seller's clock stands still at a fixed time and is only moved here; not after a paper whose name ends in _hold.
"""

import os
import sys

from mockedi.testing import Mock

START = "2026-11-23T15:30:00Z"
HOUR_MS = 3_600_000


def main(folder, partner):
    with Mock.start(start_at=START, despatch_delay_ms=HOUR_MS, invoice_delay_ms=2 * HOUR_MS) as mock:
        for name in sorted(os.listdir(folder)):
            stem, end = os.path.splitext(name)
            if end != ".edi" or ".answer-" in stem:
                continue
            mock.behaviour(partner, stem.split("-", 1)[1].split("_")[0])
            with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
                payload = file.read()
            mock.send(payload)
            if not stem.endswith("_hold"):
                # An hour's delay of "late" and every promised step are over after this.
                mock.advance(everything=True)
            for number, document in enumerate(mock.mailbox(partner=partner, leave=False)):
                with open(os.path.join(folder, f"{stem}.answer-{number}.edi"), "w", encoding="utf-8", newline="") as out:
                    out.write(document["payload"])


if __name__ == "__main__":
    main(*sys.argv[1:])
