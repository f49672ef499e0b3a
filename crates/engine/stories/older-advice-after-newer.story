# Older advice never replaces newer; the same again is no news.
vendor A has 5 mug
at 09:00 A advises 3 mug as of 08:50
at 09:01 A advises 9 mug as of 08:40
at 09:02 A advises 3 mug as of 08:50
---
09:00 A has 3 mug
09:01 nothing happens
09:02 nothing happens
