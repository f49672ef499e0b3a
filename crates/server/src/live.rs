//! Asking vendors' own servers before a decision: all at once, within a budget, never twice into a dead one.
//!
//! What comes back in time becomes part of a quote, or advice ahead of a capture; the decision itself stays pure.

use crate::office::Office;
use crate::registry::Registry;
use countersign_connectors::HttpConnector;
use countersign_engine::command::{CaptureOrder, Command};
use countersign_engine::ids::VendorSku;
use countersign_engine::quote::{Cart, QuotedLine};
use countersign_engine::source::{Dialect, Source};
use countersign_runtime::ports::StoreError;
use countersign_runtime::quote::Enquiry;
use std::sync::Arc;
use std::time::Duration;

/// What a live question may take where the caller does not say.
pub const BUDGET: Duration = Duration::from_millis(300);
/// Longest budget a caller may ask for: a checkout that waits longer has lost its customer.
pub const BUDGET_MAX: Duration = Duration::from_secs(5);

impl Office {
    /// Quotes a cart from stored advice, and from vendors' own servers as far as they answer within the budget.
    ///
    /// # Errors
    /// The store could not be read.
    pub async fn quote(&self, cart: Cart, budget: Duration) -> Result<Vec<QuotedLine>, StoreError> {
        let mut enquiry = Enquiry::open(self.desk(), cart)?;
        self.ask(&mut enquiry, budget).await;
        Ok(enquiry.quote(self.now(), &self.learnt().calibration))
    }

    /// What vendors' own servers say about an order that is about to be captured, as commands to put ahead of it.
    pub async fn live_advice(&self, order: &CaptureOrder, budget: Duration) -> Vec<Command> {
        let Some(registry) = self.registry() else { return vec![] };
        let Ok(mut enquiry) = Enquiry::of_order(self.desk(), order) else { return vec![] };
        if !has_live(registry, &enquiry) {
            return vec![];
        }
        self.ask(&mut enquiry, budget).await;
        enquiry.reports(self.now())
    }

    async fn ask(&self, enquiry: &mut Enquiry, budget: Duration) {
        let Some(registry) = self.registry() else { return };
        let live: Vec<_> = enquiry
            .askable()
            .into_iter()
            .filter_map(|(source, skus)| Some((live_of(registry, &source)?, source, skus)))
            .collect();
        let mut asked = tokio::task::JoinSet::new();
        for (http, source, skus) in live {
            asked.spawn(async move {
                let said = tokio::time::timeout(budget, ask_one(&http, &skus, budget)).await;
                (source, said.unwrap_or_else(|_| Err("no answer within the budget".into())))
            });
        }
        while let Some(answer) = asked.join_next().await {
            match answer {
                Ok((source, Ok(packs))) => enquiry.answered(&source.id, &packs),
                Ok((source, Err(why))) => tracing::debug!(source = %source.id, why, "no live answer"),
                Err(_) => {}
            }
        }
    }
}

async fn ask_one(http: &HttpConnector, skus: &[VendorSku], budget: Duration) -> Result<Vec<(VendorSku, u32)>, String> {
    http.availability_async(skus, budget).await
}

fn has_live(registry: &Registry, enquiry: &Enquiry) -> bool {
    enquiry.askable().iter().any(|(source, _)| live_of(registry, source).is_some())
}

fn live_of(registry: &Registry, source: &Arc<Source>) -> Option<HttpConnector> {
    if source.channel.dialect != Dialect::Api || source.channel.connector.is_null() {
        return None;
    }
    registry.of(source).ok()?.http
}
