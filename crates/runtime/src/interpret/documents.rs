//! Documents about purchase orders: matched with the order, spelt out, turned into commands.

use super::Work;
use super::findings::finding;
use crate::deliver;
use crate::paper;
use crate::ports::StoreError;
use countersign_engine::command::Deed;
use countersign_engine::document::{Acknowledgment, Inbound, ItemRef, Receipt};
use countersign_engine::ids::PoNumber;
use countersign_engine::order::Order;
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_partners::matching::{self, OrderedLine};
use countersign_partners::seam::{Document, Place, ReceiptFor, Severity};
use std::sync::Arc;

impl Work<'_> {
    pub(super) fn document(&mut self, mut document: Document) -> Result<(), StoreError> {
        let po = match &document.content {
            Inbound::Advice(_) => return self.advice(document),
            Inbound::Receipt(d) => d.po.clone(),
            Inbound::Acknowledgment(d) => d.po.clone(),
            Inbound::Shipment(d) => d.po.clone(),
            Inbound::CancellationAnswer(d) => d.po.clone(),
        };
        let Some((order, ordinal)) = self.matched(&po)? else {
            self.unmatched(&po, document.place);
            return Ok(());
        };
        self.report.purchase_orders.insert(po);
        if let Some(po) = order.purchase_order(ordinal) {
            let ordered: Vec<OrderedLine> = paper::ordered(&order, po).iter().map(OrderedLine::from).collect();
            matching::settle(&mut document, &ordered).into_iter().for_each(|f| self.find(f));
        }
        let place = document.place;
        let deed = match document.content {
            Inbound::Advice(_) => return Ok(()),
            Inbound::Receipt(d) => Deed::RecordReceipt(d),
            Inbound::Acknowledgment(mut d) => {
                self.name_substitutes(&mut d)?;
                Deed::RecordAcknowledgment(d)
            }
            Inbound::Shipment(d) => Deed::RecordShipment(d),
            Inbound::CancellationAnswer(d) => Deed::RecordCancellationAnswer(d),
        };
        self.order(deed, place);
        Ok(())
    }

    /// Receipts for papers of ours. One for a cancellation or a reminder proves nothing about the purchase order; a
    /// rejection always concerns somebody.
    pub(super) fn receipts(&mut self, receipts: Vec<ReceiptFor>) -> Result<(), StoreError> {
        for receipt in receipts {
            let errand = self.desk.store().errand_by_reference(&self.source.id, &receipt.reference)?;
            let Some(errand) = errand else {
                let sentence = format!("A receipt names {}, which was never sent to this source.", receipt.reference);
                self.find(finding(Reason::EdiUnmatchedPo, Severity::Warning, receipt.place, sentence));
                continue;
            };
            if deliver::is_receipt(&errand) {
                continue;
            }
            self.report.purchase_orders.insert(errand.new.po.clone());
            if deliver::is_sending(&errand) || !receipt.accepted {
                let ReceiptFor { accepted, note, place, .. } = receipt;
                self.order(Deed::RecordReceipt(Receipt { po: errand.new.po, accepted, note }), place);
            }
        }
        Ok(())
    }

    /// The order behind a number, if this source was asked under it.
    fn matched(&self, po: &PoNumber) -> Result<Option<(Arc<Order>, u32)>, StoreError> {
        let Some((id, ordinal)) = po.split() else { return Ok(None) };
        let Some(Record::Order(order)) = self.desk.read(&[Key::Order(id)])?.pop().flatten() else { return Ok(None) };
        let ours = order.purchase_order(ordinal).is_some_and(|po| po.source == self.source.id);
        Ok(ours.then_some((order, ordinal)))
    }

    fn unmatched(&mut self, po: &PoNumber, place: Place) {
        let sentence = format!("Purchase order {po} was never sent to {}.", self.source.name);
        let mut finding = finding(Reason::EdiUnmatchedPo, Severity::Error, place, sentence);
        finding.value = Some(po.to_string());
        self.find(finding);
    }

    /// Substitutes are named by the source's numbers; the head wants ours.
    fn name_substitutes(&mut self, acknowledgment: &mut Acknowledgment) -> Result<(), StoreError> {
        let unnamed = |item: &&mut ItemRef| item.sku.is_none();
        for item in acknowledgment.lines.iter_mut().filter_map(|l| l.substitute.as_mut()).filter(unnamed) {
            let catalogue = self.desk.catalogue(&self.source.id)?;
            item.sku = catalogue.find(item).ok().map(|place| catalogue.offers()[place].sku.clone());
        }
        Ok(())
    }
}
