//! The vendors of the demo: where they are, how they are reached, and what they are like.

/// How a vendor is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// Its own HTTP server, by the published contract.
    Http,
    /// X12 files in a folder.
    Folder,
    /// X12 files on its own SFTP server.
    Sftp,
    /// Nobody but people.
    Portal,
}

/// What a vendor is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Answers within seconds, keeps its word.
    Good,
    /// Answers shortly before its time is over.
    Slow,
    /// Advises once and sells elsewhere: rejects much, or offers something alike.
    Stale,
    /// Accepts only a part of anything above one.
    Partial,
    /// Takes purchase orders and often says nothing.
    Silent,
    /// Often answers after its time is over.
    Late,
    /// Takes its time, and now and then offers something alike in place of what was ordered.
    Obliging,
    /// Accepts, then cancels; or names another day.
    Contradictory,
}

/// A vendor of the demo.
#[derive(Debug)]
pub struct Vendor {
    /// Source id.
    pub id: &'static str,
    /// Shown to people.
    pub name: &'static str,
    /// Carrier.
    pub carrier: Carrier,
    /// Nature.
    pub nature: Nature,
    /// IANA zone.
    pub time_zone: &'static str,
    /// Where its parcels start.
    pub postal_code: &'static str,
    /// Cut-off.
    pub cutoff: &'static str,
    /// Handling days.
    pub handling_days: u32,
    /// Cost of its goods, in percent of the usual.
    pub price_percent: u32,
    /// It offers every n-th item, beginning with this one.
    pub offers: (usize, usize),
    /// One of the retailer's own centres.
    pub in_house: bool,
}

const fn vendor(
    id: &'static str,
    name: &'static str,
    carrier: Carrier,
    nature: Nature,
    price_percent: u32,
    offers: (usize, usize),
) -> Vendor {
    Vendor {
        id,
        name,
        carrier,
        nature,
        time_zone: "America/Chicago",
        postal_code: "60601",
        cutoff: "16:00",
        handling_days: 1,
        price_percent,
        offers,
        in_house: false,
    }
}

/// All of them.
pub const VENDORS: &[Vendor] = &[
    vendor("acme", "Acme Lighting", Carrier::Folder, Nature::Good, 100, (2, 0)),
    Vendor {
        time_zone: "America/New_York",
        postal_code: "10001",
        ..vendor("bolt", "Bolt & Beam", Carrier::Http, Nature::Good, 104, (2, 1))
    },
    Vendor {
        time_zone: "America/Los_Angeles",
        postal_code: "90001",
        handling_days: 2,
        ..vendor("cedar", "Cedar House", Carrier::Http, Nature::Obliging, 92, (3, 0))
    },
    vendor("dune", "Dune Textiles", Carrier::Http, Nature::Stale, 90, (4, 1)),
    vendor("elm", "Elm Street Furniture", Carrier::Folder, Nature::Partial, 94, (3, 1)),
    Vendor { time_zone: "America/Denver", ..vendor("fern", "Fern & Co", Carrier::Http, Nature::Silent, 86, (7, 2)) },
    vendor("gale", "Gale Outdoor", Carrier::Sftp, Nature::Good, 98, (4, 2)),
    vendor("hearth", "Hearth Goods", Carrier::Http, Nature::Late, 88, (6, 3)),
    Vendor {
        time_zone: "America/New_York",
        ..vendor("ivory", "Ivory Ceramics", Carrier::Http, Nature::Contradictory, 91, (5, 4))
    },
    vendor("juniper", "Juniper Kitchen", Carrier::Folder, Nature::Slow, 97, (5, 0)),
    vendor("kiln", "Kiln Works", Carrier::Sftp, Nature::Partial, 95, (6, 5)),
    vendor("loom", "Loom Makers", Carrier::Folder, Nature::Silent, 87, (9, 4)),
    vendor("moss", "Moss Workshop", Carrier::Portal, Nature::Silent, 93, (40, 7)),
    Vendor {
        in_house: true,
        handling_days: 0,
        time_zone: "America/Chicago",
        postal_code: "75201",
        ..vendor("dc-dallas", "Our centre Dallas", Carrier::Http, Nature::Good, 115, (3, 2))
    },
    Vendor {
        in_house: true,
        handling_days: 0,
        time_zone: "America/New_York",
        postal_code: "17101",
        ..vendor("dc-harrisburg", "Our centre Harrisburg", Carrier::Http, Nature::Good, 118, (4, 0))
    },
];

/// Numbers that look like chance and are the same in every demo: a small generator (splitmix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice for one player.
    pub fn of(name: &str) -> Self {
        Self(name.bytes().fold(0x9e37_79b9_7f4a_7c15, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
    }
    /// A number from 0 to below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n.max(1)
    }
    /// True in so many of a hundred.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// What a vendor does with one line of a purchase order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Ships so many packs; rejects the rest.
    Accepts(u32),
    /// Ships all, so many days late.
    Later(u32),
    /// Ships nothing.
    Rejects,
    /// Ships another item that is alike, if it is let.
    Instead,
}

/// What a vendor does with a purchase order.
#[derive(Debug, Clone)]
pub struct Conduct {
    /// Seconds until it answers; never if absent.
    pub answers_after: Option<u64>,
    /// What it says of a line of so many packs.
    pub says: Says,
    /// Seconds until it ships.
    pub ships_after: u64,
    /// It cancels what it accepted instead of shipping it.
    pub cancels: bool,
}

/// Of a hundred: how often each weakness shows. A learner should meet every kind within minutes and still see the end of
/// the list: a role's open tasks stay in the tens after a quarter of an hour.
mod often {
    /// A silent vendor says nothing.
    pub const SILENT: u64 = 55;
    /// It does not even answer a cancellation.
    pub const SILENT_ON_CANCELLATION: u64 = 45;
    /// A late vendor is late.
    pub const LATE: u64 = 40;
    /// A stale vendor has sold it elsewhere.
    pub const SOLD: u64 = 40;
    /// It offers something alike then.
    pub const SOLD_BUT_ALIKE: u64 = 50;
    /// An obliging vendor offers something alike.
    pub const INSTEAD: u64 = 45;
    /// A contradictory vendor cancels what it accepted.
    pub const CANCELS: u64 = 12;
    /// It names a later day.
    pub const LATER: u64 = 20;
}

impl Vendor {
    /// True if it leaves this cancellation without an answer.
    pub fn ignores_cancellation(&self, dice: &mut Dice) -> bool {
        self.nature == Nature::Silent && dice.percent(often::SILENT_ON_CANCELLATION)
    }

    /// How it treats one purchase order whose largest line has so many packs.
    pub fn conduct(&self, dice: &mut Dice, packs: u32) -> Conduct {
        let quick = 2 + dice.below(6);
        let ships_after = 15 + dice.below(40);
        let all = Conduct { answers_after: Some(quick), says: Says::Accepts(packs), ships_after, cancels: false };
        match self.nature {
            Nature::Good if dice.percent(4) => Conduct { says: Says::Rejects, ..all },
            Nature::Good => all,
            Nature::Slow => Conduct { answers_after: Some(14 + dice.below(9)), ..all },
            Nature::Stale if dice.percent(often::SOLD) => {
                let says = if dice.percent(often::SOLD_BUT_ALIKE) { Says::Instead } else { Says::Rejects };
                Conduct { says, ..all }
            }
            Nature::Stale => all,
            Nature::Partial if packs > 1 => Conduct { says: Says::Accepts(packs / 2), ..all },
            Nature::Partial => all,
            // Nobody answers for a portal vendor but whoever plays its people.
            Nature::Silent if self.carrier == Carrier::Portal || dice.percent(often::SILENT) => {
                Conduct { answers_after: None, ..all }
            }
            Nature::Silent => all,
            Nature::Late if dice.percent(often::LATE) => Conduct { answers_after: Some(28 + dice.below(15)), ..all },
            Nature::Late => all,
            Nature::Obliging if dice.percent(often::INSTEAD) => Conduct { says: Says::Instead, ..all },
            Nature::Obliging => Conduct { answers_after: Some(8 + dice.below(9)), ..all },
            Nature::Contradictory if dice.percent(often::CANCELS) => Conduct { cancels: true, ..all },
            Nature::Contradictory if dice.percent(often::LATER) => Conduct { says: Says::Later(6), ..all },
            Nature::Contradictory => all,
        }
    }
}
