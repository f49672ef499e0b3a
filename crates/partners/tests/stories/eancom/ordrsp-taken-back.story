# A source that cancels its answer cancels the order.
set ORDRSP:D:96A:UN:EAN005
BGM+231+SO-77+1
DTM+137:20261123:102
RFF+ON:1001-1
NAD+SU+4098765000002::9
NAD+BY+4012345000009::9
UNS+S

---
cancelled: 1001-1, unasked, cancel_vendor
owed: CONTRL for interchange R201: accepted
kept unused: DTM x1 in ORDRSP 1: DTM+137:20261123:102
kept unused: NAD x2 in ORDRSP 1: NAD+SU+4098765000002::9
