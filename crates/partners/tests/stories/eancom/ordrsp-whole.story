# Function 29 accepts, 27 refuses the order as it stands.
ordered 1: 10 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
set ORDRSP:D:01B:UN:EAN009
BGM+231+SO-77+29
DTM+137:20261123:102
RFF+ON:1001-1
NAD+SU+4098765000002::9
UNS+S
set ORDRSP:D:01B:UN:EAN009
BGM+231+SO-78+27
DTM+137:20261123:102
RFF+ON:1002-1
NAD+SU+4098765000002::9
UNS+S

---
acknowledgment of 1001-1 (line 4), vendor order SO-77
  line 1: accepted 10
acknowledgment of 1002-1 (line 11), vendor order SO-78
  line 1: rejected 10, ack_rejected_other
owed: CONTRL for interchange R201: accepted
kept unused: DTM x1 in ORDRSP 1: DTM+137:20261123:102
kept unused: NAD x1 in ORDRSP 1: NAD+SU+4098765000002::9
kept unused: DTM x1 in ORDRSP 2: DTM+137:20261123:102
kept unused: NAD x1 in ORDRSP 2: NAD+SU+4098765000002::9
