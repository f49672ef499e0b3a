//! What the policy says about a matter: its tables first, then its lists, then what holds where it says nothing.
//!
//! Does not know why it is asked.

use super::table::{Fired, Input, Matter, Output, Subject};
use super::{Breach, ClockRule, ClockTime, CommitOn, Limit, Mode, Policy, Reserve, SafetyCosts, Scope, Stale};
use crate::approval::ApprovalKind;
use crate::calibration::Odds;
use crate::measure::Quantity;
use crate::order::ClockKind;

/// Minutes after which advice is stale where the policy says nothing: a day.
const STALE_AFTER_MINUTES: u32 = 1440;
/// Percent of a time limit after which people are warned where a table says nothing.
const WARN_PERCENT: i64 = 75;

/// A mode, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeRuling {
    /// How far the product acts.
    pub mode: Mode,
    /// What commits a line.
    pub commit_on: CommitOn,
    /// The row of a table that said so.
    pub fired: Option<Fired>,
}

impl Scope {
    /// True if the rule applies to the matter.
    pub fn covers(&self, matter: &Matter) -> bool {
        let source = self.source.as_ref().is_none_or(|s| matter.vendor == Some(s));
        source && self.category.as_ref().is_none_or(|c| matter.category.is_some_and(|m| m.within(c)))
    }
    /// True if everything that `narrow` is about is in it.
    pub fn contains(&self, narrow: &Scope) -> bool {
        let source = self.source.is_none() || self.source == narrow.source;
        let within = |c: &crate::item::Category| narrow.category.as_ref().is_some_and(|n| n.within(c));
        source && self.category.as_ref().is_none_or(within)
    }
    /// In words: `everything`, `acme`, `lighting`, `acme in lighting`.
    pub fn words(&self) -> String {
        match (&self.source, &self.category) {
            (None, None) => "everything".into(),
            (Some(source), None) => source.to_string(),
            (None, Some(category)) => category.as_str().to_owned(),
            (Some(source), Some(category)) => format!("{source} in {}", category.as_str()),
        }
    }
}

impl Policy {
    /// How far the product acts in a matter, and what commits there. The switch to the legacy path goes before all.
    pub fn mode(&self, matter: &Matter) -> ModeRuling {
        if self.fallbacks.iter().any(|f| f.scope.covers(matter)) {
            return ModeRuling { mode: Mode::Legacy, commit_on: CommitOn::Acknowledgment, fired: None };
        }
        let sensitive = matter.category.is_some_and(|c| self.is_sensitive(c));
        let gated = |on: CommitOn| if sensitive { CommitOn::Acknowledgment } else { on };
        if let Some((said, ruling)) = self.tables.first(Subject::Modes, Output::Mode, matter) {
            let commit_on = gated(ruling.said(Output::CommitOn).value().unwrap_or_default());
            return ModeRuling { mode: said.value().unwrap_or_default(), commit_on, fired: Some(ruling.fired()) };
        }
        let drawn = |percent: u8| matter.cohort.is_some_and(|c| c < u32::from(percent) * 100);
        let rule = self.modes.iter().find(|r| r.scope.covers(matter) && r.percent.is_none_or(drawn));
        let (mode, on) = rule.map_or((Mode::Enforce, CommitOn::Acknowledgment), |r| (r.mode, r.commit_on));
        ModeRuling { mode, commit_on: gated(on), fired: None }
    }

    /// The limit of one clock, and the row that set it; of the lists the first rule that fits and names it.
    pub fn limit(&self, kind: ClockKind, matter: &Matter) -> Option<(Limit, Option<Fired>)> {
        let matter = &Matter { clock: Some(kind), ..*matter };
        if let Some((said, ruling)) = self.tables.first(Subject::Clocks, Output::WithinMinutes, matter) {
            let seconds = u32::try_from(said.whole().unwrap_or(1) * 60).unwrap_or(u32::MAX);
            let warn = ruling.said(Output::WarnPercent).whole().unwrap_or(WARN_PERCENT);
            let limit = Limit {
                within_s: seconds,
                warn_percent: u8::try_from(warn).unwrap_or(0),
                time: ruling.said(Output::Time).value::<ClockTime>().unwrap_or_default(),
                then: ruling.said(Output::Then).value::<Breach>().unwrap_or(Breach::Ask),
            };
            return Some((limit, Some(ruling.fired())));
        }
        let rules = self.clocks.iter().filter(|r| r.scope.covers(matter));
        rules.map(|r| r.limit(kind)).find_map(|l| l).map(|limit| (limit, None))
    }

    /// Minutes after which advice is stale, and what it is worth then.
    pub fn freshness(&self, matter: &Matter) -> (u32, Stale) {
        let rule = self.freshness.iter().find(|r| r.scope.covers(matter));
        let (minutes, stale) = rule.map_or((STALE_AFTER_MINUTES, Stale::Gate), |r| (r.stale_after_minutes, r.stale));
        let table = |output| self.tables.first(Subject::Freshness, output, matter).map(|(said, _)| said);
        if self.tables.is_empty() {
            return (minutes, stale);
        }
        let said = table(Output::StaleAfterMinutes).and_then(|s| u32::try_from(s.whole()?).ok());
        (said.unwrap_or(minutes), table(Output::Stale).and_then(|s| s.value()).unwrap_or(stale))
    }

    /// True if a rule looks at the chance that a source accepts; else nobody reads what was learnt.
    pub fn looks_at_chances(&self) -> bool {
        self.safety_stock.iter().any(|r| r.costs.is_some())
            || self.tables.iter().any(|t| t.when.contains(&Input::AcceptancePercent))
    }

    /// Base units kept back of an advised quantity: the largest of units, share and what the costs of being wrong ask for.
    pub fn safety(&self, matter: &Matter, advised: Quantity, odds: Option<&Odds>) -> Quantity {
        let matter = &Matter { advised: Some(advised), ..*matter };
        let share = |percent: u64| {
            Quantity::new(u32::try_from((u64::from(advised.get()) * percent).div_ceil(100)).unwrap_or(u32::MAX))
        };
        let ruling = self.tables.rule(Subject::SafetyStock, matter).into_iter().find(|r| r.speaks());
        if let Some(ruling) = ruling {
            let number = |output| ruling.said(output).whole().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
            return Quantity::new(number(Output::Units)).max(share(u64::from(number(Output::Percent))));
        }
        let rule = self.safety_stock.iter().find(|r| r.scope.covers(matter));
        let by_costs = |c: &SafetyCosts| odds.and_then(|o| o.kept_back(advised, c.cancellation, c.lost_sale));
        rule.map_or(Quantity::ZERO, |r| {
            let kept = r.units.max(share(u64::from(r.percent)));
            kept.max(r.costs.as_ref().and_then(by_costs).unwrap_or_default())
        })
    }

    /// What the sourcing tables say about a candidate.
    pub(crate) fn preference(&self, matter: &Matter) -> Preference {
        let mut found = Preference::default();
        for ruling in self.tables.rule(Subject::Sourcing, matter).into_iter().filter(|r| r.speaks()) {
            let number = |output| match ruling.said(output) {
                super::table::Said::Number(n) => n,
                _ => 0,
            };
            found.excluded |= ruling.said(Output::Exclude) == super::table::Said::Word("yes");
            found.adjust = found.adjust.saturating_add(number(Output::Adjust));
            found.adjust_percent = found.adjust_percent.saturating_add(number(Output::AdjustPercent));
            found.fired.push(ruling.fired());
        }
        found
    }

    /// What the approval tables reserve for a person; `Some((None, …))` where they say that nobody is asked.
    pub(crate) fn reserved(&self, matter: &Matter) -> Option<(Option<ApprovalKind>, Fired)> {
        let (said, ruling) = self.tables.first(Subject::Approvals, Output::Ask, matter)?;
        Some((said.value::<ApprovalKind>(), ruling.fired()))
    }

    /// True if a person is asked about substitutes; where not, they are declined.
    pub fn asks_about_substitutes(&self) -> bool {
        self.approvals.substitution == Reserve::Always
    }
}

impl ClockRule {
    /// Its limit for one clock.
    pub fn limit(&self, kind: ClockKind) -> Option<Limit> {
        match kind {
            ClockKind::Receipt => self.receipt,
            ClockKind::Acknowledgment => self.acknowledgment,
            ClockKind::ShipNotice => self.ship_notice,
            ClockKind::CancelAnswer => self.cancel_answer,
        }
    }
}

/// What the sourcing tables say about a candidate; amounts in ten-thousandths.
#[derive(Debug, Clone, Default)]
pub(crate) struct Preference {
    pub(crate) excluded: bool,
    pub(crate) adjust: i64,
    pub(crate) adjust_percent: i64,
    pub(crate) fired: Vec<Fired>,
}

impl Preference {
    /// What it adds to the rank of a cost, in minor units.
    pub(crate) fn minor(&self, cost: crate::measure::Money) -> i64 {
        if self.adjust == 0 && self.adjust_percent == 0 {
            return 0;
        }
        let scale = 10_i64.pow(4 - cost.currency.decimals().min(4));
        let share = i128::from(cost.minor) * i128::from(self.adjust_percent) / i128::from(super::table::ONE * 100);
        (self.adjust / scale).saturating_add(i64::try_from(share).unwrap_or(i64::MAX))
    }
}
