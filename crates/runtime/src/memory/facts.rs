//! Facts in memory: counted by looking at all of them. The reference for the stores that sum them up.

use super::tables::Tables;
use crate::facts::{self, Fact, fits};
use crate::ports::{Counts, FACT_BITS, FactQuery, FactRow, TallyQuery};

impl Tables {
    pub fn add_facts(&mut self, first: u64, facts: &[Fact]) {
        let row = |(n, fact): (u64, &Fact)| FactRow {
            id: (first + u64::from(fact.entry)) << FACT_BITS | n,
            fact: Fact { entry: 0, ..fact.clone() },
        };
        self.facts.extend((0..).zip(facts).map(row));
    }

    pub fn tally(&self, query: &TallyQuery) -> Counts {
        let cells = facts::tally(self.facts.iter().map(|row| &row.fact), query);
        Counts { position: self.head().0, cells }
    }

    pub fn facts_behind(&self, query: &FactQuery) -> Vec<FactRow> {
        let wanted = |row: &&FactRow| {
            let fact = &row.fact;
            fact.measure == query.measure
                && fact.label == query.label
                && (query.from..=query.to).contains(&fact.day())
                && fits(&query.source, &fact.source)
                && fits(&query.category, &fact.category)
                && fits(&query.channel, &fact.channel)
                && query.cursor.is_none_or(|cursor| (fact.day(), row.id) < cursor)
        };
        let mut rows: Vec<&FactRow> = self.facts.iter().filter(wanted).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.fact.day(), row.id)));
        rows.into_iter().take(query.limit as usize).cloned().collect()
    }
}
