# A case about a source as such goes up the ladder like any other.
vendor A has 1 mug
at 09:00 trouble at A: nobody answers the door
at 10:00 wake A
at 16:30 wake A
at 17:30 wake A
---
09:00 CASE @A-1 delivery_failed (high): nobody answers the door [dismiss]
10:00 nothing happens
16:30 nothing happens
17:30 case @A-1 goes up to it, now critical
