//! A simulated world: seeded order of steps, crashes, misbehaving partners, an independent auditor.
