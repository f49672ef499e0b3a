# One switch returns to the legacy path at once: what is open goes on, what comes in is passed through.
item cup, category kitchen/fragile
vendor A has 5 mug, has 5 cup
at 09:00 place order 1001: 1 mug
at 09:01 kim falls back in kitchen/fragile
at 09:02 kim falls back in kitchen/fragile
at 09:03 place order 1002: 1 cup
at 09:04 place order 1003: 1 mug
at 09:05 kim falls back
at 09:06 place order 1004: 1 mug
at 09:07 A accepts 1001-1
at 09:08 legacy shipped 1001
at 09:09 kim comes back
at 09:10 place order 1005: 1 mug
at 09:11 kim falls back for Z
---
