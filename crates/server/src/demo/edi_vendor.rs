//! Vendors that speak X12 in files: they take 850s and 860s from a folder and leave 997s, 855s, 856s, 865s and 846s in
//! another. Whether the folder is read directly or served by SFTP they do not care.

use super::catalogue::Offer;
use super::http_vendor::stock;
use super::nature::{Conduct, Dice, Nature, Says, Vendor};
use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often it looks into its folder.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often it advises.
const ADVISE_EVERY: Duration = Duration::from_secs(90);

/// A purchase order as the vendor reads it.
#[derive(Debug, Clone)]
struct Order {
    po: String,
    lines: Vec<Line>,
}

/// A line: number, packs, unit, vendor's item.
#[derive(Debug, Clone)]
struct Line {
    number: String,
    packs: u32,
    unit: String,
    item: String,
}

struct Desk {
    vendor: &'static Vendor,
    /// What the retailer writes, what it reads.
    from: PathBuf,
    to: PathBuf,
    offers: Arc<Vec<Offer>>,
    dice: Dice,
    /// Interchanges written so far.
    number: u32,
    known: BTreeSet<String>,
    stopped: BTreeSet<String>,
    shipped: BTreeSet<String>,
    /// What is to be written, and when.
    later: BTreeMap<(Instant, u32), Act>,
}

#[derive(Debug, Clone)]
enum Act {
    Answer(Order, Conduct),
    Ship(Order),
}

/// Works until the demo ends.
pub async fn run(vendor: &'static Vendor, folder: PathBuf, offers: Arc<Vec<Offer>>) {
    let mut desk = Desk {
        vendor,
        from: folder.join("out"),
        to: folder.join("in"),
        offers,
        dice: Dice::of(vendor.name),
        number: u32::try_from(Timestamp::now().as_second() % 90_000_000).unwrap_or(0) * 10,
        known: BTreeSet::new(),
        stopped: BTreeSet::new(),
        shipped: BTreeSet::new(),
        later: BTreeMap::new(),
    };
    let _ = std::fs::create_dir_all(&desk.from);
    let _ = std::fs::create_dir_all(&desk.to);
    let mut advise_at = Instant::now();
    loop {
        if Instant::now() >= advise_at {
            desk.advise();
            advise_at = Instant::now() + ADVISE_EVERY;
        }
        if let Err(error) = desk.look() {
            tracing::warn!(vendor = vendor.id, %error, "a vendor could not look into its folder");
        }
        desk.act();
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl Desk {
    /// The vendor's own clock: papers carry local time.
    fn now(&self) -> Zoned {
        Timestamp::now().to_zoned(TimeZone::get(self.vendor.time_zone).unwrap_or(TimeZone::UTC))
    }

    fn day(&self) -> String {
        self.now().strftime("%Y%m%d").to_string()
    }

    /// Takes every file the retailer has left.
    fn look(&mut self) -> Result<()> {
        for entry in std::fs::read_dir(&self.from)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            if path.is_dir() || name.starts_with('.') || name.ends_with(".part") {
                continue;
            }
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let done = self.from.join("done");
            std::fs::create_dir_all(&done)?;
            std::fs::rename(&path, done.join(name))?;
            self.read(&text);
        }
        Ok(())
    }

    fn read(&mut self, text: &str) {
        // The retailer writes fixed headers: the separator is the fourth byte, the terminator the 106th.
        let (Some(element), Some(terminator)) = (text.chars().nth(3), text.chars().nth(105)) else { return };
        let segments: Vec<Vec<&str>> = text.split(terminator).map(|s| s.trim().split(element).collect()).collect();
        let field = |segment: &[&str], n: usize| segment.get(n).copied().unwrap_or_default().to_owned();
        let group = segments.iter().find(|s| s[0] == "GS").map(|s| (field(s, 1), field(s, 6))).unwrap_or_default();
        let mut open: Option<Order> = None;
        let mut sets = vec![];
        for s in &segments {
            match s[0] {
                "ST" => sets.push((field(s, 1), field(s, 2))),
                "BEG" => open = Some(Order { po: field(s, 3), lines: vec![] }),
                "PO1" => {
                    let item =
                        s.iter().position(|q| *q == "VN" || *q == "VP").map(|at| field(s, at + 1)).unwrap_or_default();
                    let line =
                        Line { number: field(s, 1), packs: field(s, 2).parse().unwrap_or(0), unit: field(s, 3), item };
                    if let Some(order) = &mut open {
                        order.lines.push(line);
                    }
                }
                "BCH" => self.stop(&field(s, 3)),
                "SE" => {
                    if let Some(order) = open.take() {
                        self.take(order);
                    }
                }
                _ => {}
            }
        }
        if group.0 != "FA" && !sets.is_empty() && self.vendor.nature != Nature::Silent {
            self.receipt(&group, &sets);
        }
    }

    fn take(&mut self, order: Order) {
        if !self.known.insert(order.po.clone()) {
            return;
        }
        let packs = order.lines.iter().map(|l| l.packs).max().unwrap_or(1);
        let conduct = self.vendor.conduct(&mut self.dice, packs);
        if let Some(after) = conduct.answers_after {
            self.plan(after, Act::Answer(order, conduct));
        }
    }

    fn plan(&mut self, after_s: u64, act: Act) {
        self.number += 1;
        self.later.insert((Instant::now() + Duration::from_secs(after_s), self.number), act);
    }

    fn stop(&mut self, po: &str) {
        if self.vendor.ignores_cancellation(&mut self.dice) {
            return;
        }
        let word = if self.shipped.contains(po) { "RD" } else { "AT" };
        self.stopped.insert(po.to_owned());
        let day = self.day();
        self.write("CA", "865", &[format!("BCA*01*{word}*{po}***{day}****{day}"), "CTT*0".into()]);
    }

    fn act(&mut self) {
        while let Some(((at, _), _)) = self.later.first_key_value() {
            if *at > Instant::now() {
                return;
            }
            match self.later.pop_first() {
                Some((_, Act::Answer(order, conduct))) => self.answer(order, conduct),
                Some((_, Act::Ship(order))) => self.ship(&order),
                None => return,
            }
        }
    }

    fn answer(&mut self, order: Order, conduct: Conduct) {
        if self.stopped.contains(&order.po) {
            return;
        }
        let day = self.day();
        let mut body = vec![format!("BAK*00*AC*{}*{day}", order.po)];
        let mut shipping = Order { po: order.po.clone(), lines: vec![] };
        for line in &order.lines {
            body.push(format!("PO1*{}*{}*{}***VN*{}", line.number, line.packs, line.unit, line.item));
            let yes = match conduct.says {
                Says::Rejects => 0,
                Says::Accepts(most) => line.packs.min(most),
                Says::Later(_) | Says::Instead => line.packs,
            };
            if yes > 0 {
                let when = match conduct.says {
                    Says::Later(days) => {
                        format!("*068*{}", self.now().date().saturating_add(i64::from(days).days()).strftime("%Y%m%d"))
                    }
                    _ => String::new(),
                };
                body.push(format!("ACK*IA*{yes}*{}{when}", line.unit));
                shipping.lines.push(Line { packs: yes, ..line.clone() });
            }
            if yes < line.packs {
                body.push(format!("ACK*IR*{}*{}", line.packs - yes, line.unit));
            }
        }
        body.push(format!("CTT*{}", order.lines.len()));
        self.write("PR", "855", &body);
        if !shipping.lines.is_empty() {
            self.plan(conduct.ships_after, Act::Ship(shipping));
        }
    }

    fn ship(&mut self, order: &Order) {
        if self.stopped.contains(&order.po) {
            return;
        }
        self.shipped.insert(order.po.clone());
        let now = self.now();
        let tracking = format!("1Z{:016}", self.dice.below(10_u64.pow(16)));
        let mut body = vec![
            format!("BSN*00*S{}*{}*{}*0004", order.po, now.strftime("%Y%m%d"), now.strftime("%H%M")),
            "HL*1**S*1".into(),
            "TD5**2*UPSN".into(),
            format!("REF*2I*{tracking}"),
            format!("DTM*011*{}", now.strftime("%Y%m%d")),
            "HL*2*1*O*1".into(),
            format!("PRF*{}", order.po),
        ];
        for (n, line) in order.lines.iter().enumerate() {
            body.push(format!("HL*{}*2*I*0", n + 3));
            body.push(format!("LIN*{}*VN*{}", line.number, line.item));
            body.push(format!("SN1*{}*{}*{}", line.number, line.packs, line.unit));
        }
        body.push(format!("CTT*{}", order.lines.len() + 2));
        self.write("SH", "856", &body);
    }

    fn receipt(&mut self, group: &(String, String), sets: &[(String, String)]) {
        let mut body = vec![format!("AK1*{}*{}", group.0, group.1)];
        for (kind, number) in sets {
            body.push(format!("AK2*{kind}*{number}"));
            body.push("AK5*A".into());
        }
        body.push(format!("AK9*A*{0}*{0}*{0}", sets.len()));
        self.write("FA", "997", &body);
    }

    fn advise(&mut self) {
        let now = self.now();
        let mut body = vec![format!("BIA*00*SI*{}*{}*{}", self.number, now.strftime("%Y%m%d"), now.strftime("%H%M"))];
        let offers = self.offers.clone();
        for (n, offer) in offers.iter().enumerate() {
            let unit = if offer.pack > 1 { "CA" } else { "EA" };
            body.push(format!("LIN*{}*VN*{}*SK*{}", n + 1, offer.vendor_sku, offer.sku));
            body.push(format!("QTY*33*{}*{unit}", stock(self.vendor, &mut self.dice)));
        }
        body.push(format!("CTT*{}", offers.len()));
        self.write("IB", "846", &body);
    }

    /// Writes one interchange with one set, under a temporary name first.
    fn write(&mut self, group: &str, set: &str, body: &[String]) {
        self.number += 1;
        let (id, n, now) = (self.vendor.id.to_uppercase(), self.number, self.now());
        let mut text = format!(
            "ISA*00*          *00*          *ZZ*{id:<15}*ZZ*RETAILER       *{}*{}*U*00401*{n:09}*0*P*>~\n",
            now.strftime("%y%m%d"),
            now.strftime("%H%M")
        );
        text += &format!(
            "GS*{group}*{id}*RETAILER*{}*{}*{n}*X*004010~\nST*{set}*0001~\n",
            now.strftime("%Y%m%d"),
            now.strftime("%H%M")
        );
        for segment in body {
            text += segment;
            text += "~\n";
        }
        text += &format!("SE*{}*0001~\nGE*1*{n}~\nIEA*1*{n:09}~\n", body.len() + 2);
        if let Err(error) = leave(&self.to, &format!("{set}-{n}.edi"), &text) {
            tracing::warn!(vendor = self.vendor.id, %error, "a vendor could not write its paper");
        }
    }
}

fn leave(folder: &Path, name: &str, text: &str) -> Result<()> {
    let part = folder.join(format!("{name}.part"));
    std::fs::write(&part, text)?;
    Ok(std::fs::rename(part, folder.join(name))?)
}
