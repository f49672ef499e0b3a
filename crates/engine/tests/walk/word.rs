//! What sources say: fitting, partial, contradictory, absurd.

use super::Walk;
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::document::{
    Acknowledgment, AcknowledgmentLine, CancellationAnswer, ItemRef, Shipment, ShipmentLine,
};
use countersign_engine::ids::{OrderId, PoNumber, ShipmentId, Sku};
use countersign_engine::item::Unit;
use countersign_engine::measure::Quantity;
use countersign_engine::order::Assignment;

fn nothing(line: &str) -> AcknowledgmentLine {
    AcknowledgmentLine {
        line: line.into(),
        accepted: Quantity::ZERO,
        rejected: Quantity::ZERO,
        backordered: Quantity::ZERO,
        substituted: Quantity::ZERO,
        unit: None,
        ship_on: None,
        reason: None,
        substitute: None,
    }
}

impl Walk {
    fn speaker(&mut self, order: &OrderId, po: u32) -> Actor {
        let known = self.world.order(order).and_then(|o| o.purchase_order(po)).map(|p| p.source.clone());
        let source = if self.chance.happens(96) { known.unwrap() } else { self.chance.one(&self.sources) };
        Actor::Source { source }
    }

    pub(super) fn acknowledgment(&mut self) -> Option<Command> {
        let (id, n) = self.any_po()?;
        let order = self.world.order(&id)?.clone();
        let mut lines = vec![];
        for a in order.of_purchase_order(n) {
            lines.extend(self.answer(a));
        }
        if self.chance.happens(4) {
            lines.push(AcknowledgmentLine { accepted: Quantity::new(4_000_000_000), ..nothing("77") });
        }
        let attempt = order.purchase_order(n).map(|p| p.attempt);
        let attempt = match self.chance.below(20) {
            0 => attempt.map(|a| a + 1),
            1..=8 => None,
            _ => attempt,
        };
        let by = self.speaker(&id, n);
        let vendor_order = self.chance.happens(20).then(|| "V-9".into());
        let answer = Acknowledgment { po: PoNumber::of(&id, n), attempt, vendor_order, lines };
        Some(Command { by, deed: Deed::RecordAcknowledgment(answer) })
    }

    fn answer(&mut self, a: &Assignment) -> Vec<AcknowledgmentLine> {
        let packs = a.quantity.packs(a.pack_size).0;
        let part = Quantity::new(self.chance.below(packs.get() + 1));
        let rest = packs.less(part);
        let line = nothing(a.line.as_str());
        let day = a.ship_by.saturating_add(jiff::Span::new().days(self.chance.one(&[-1, 0, 0, 0, 3, 9, 900])));
        let substitute = self.chance.one(&[Some("jug"), Some("vase"), None]);
        let substitute = substitute.map(|s| ItemRef { sku: Sku::new(s).ok(), vendor_sku: None, gtin: None });
        match self.chance.below(24) {
            0..=6 => vec![AcknowledgmentLine { accepted: packs, ..line }],
            7..=8 => vec![AcknowledgmentLine { accepted: packs, ship_on: Some(day), ..line }],
            9..=11 => vec![AcknowledgmentLine { rejected: packs, ..line }],
            12..=14 => vec![
                AcknowledgmentLine { accepted: part, ..line.clone() },
                AcknowledgmentLine { rejected: rest, ..line },
            ],
            15 => vec![AcknowledgmentLine { accepted: part, ..line }],
            16 => vec![AcknowledgmentLine { backordered: packs, ship_on: Some(day), ..line }],
            17 => vec![
                AcknowledgmentLine { accepted: part, ..line.clone() },
                AcknowledgmentLine { backordered: rest, ..line },
            ],
            18..=19 => vec![
                AcknowledgmentLine { accepted: part, ..line.clone() },
                AcknowledgmentLine { substituted: rest, substitute, ..line },
            ],
            20 => vec![AcknowledgmentLine { accepted: Quantity::new(4_000_000_000), ..line }; 3],
            21 => vec![AcknowledgmentLine { accepted: packs, unit: Unit::new("BX").ok(), ..line }],
            22 => vec![AcknowledgmentLine { rejected: part, ..line }],
            _ => vec![],
        }
    }

    pub(super) fn shipment(&mut self) -> Option<Command> {
        let (id, n) = self.any_po()?;
        let order = self.world.order(&id)?.clone();
        if let Some(known) = self.chance.pick(&order.shipments).filter(|_| true).cloned()
            && self.chance.happens(45)
        {
            let po = PoNumber::of(&id, known.purchase_order);
            return Some(Command { by: Actor::Engine, deed: Deed::RecordDelivery { po, shipment: known.shipment } });
        }
        let mut lines = vec![];
        for a in order.of_purchase_order(n) {
            let packs = a.quantity.packs(a.pack_size).0.get();
            let quantity = self.chance.one(&[packs, packs, packs, 1, packs + 1, 4_000_000_000]);
            let line = ShipmentLine { line: a.line.as_str().into(), quantity: Quantity::new(quantity) };
            if self.chance.happens(5) {
                lines.push(line.clone());
            }
            if self.chance.happens(90) {
                lines.push(line);
            }
        }
        if self.chance.happens(3) {
            lines.push(ShipmentLine { line: "77".into(), quantity: Quantity::new(1) });
        }
        let number = self.chance.below(4);
        let by = self.speaker(&id, n);
        let notice = Shipment {
            shipment: ShipmentId::new(format!("S{n}.{number}")).unwrap(),
            po: PoNumber::of(&id, n),
            shipped_at: self.now,
            carrier: Some("UPSN".into()),
            tracking: vec![format!("1Z{n}{number}").into()],
            lines,
        };
        Some(Command { by, deed: Deed::RecordShipment(notice) })
    }

    pub(super) fn cancel_answer(&mut self) -> Option<Command> {
        let (id, n) = self.any_po()?;
        let order = self.world.order(&id)?.clone();
        let lines = order.of_purchase_order(n).map(|a| a.line.as_str().into());
        let lines = if self.chance.happens(30) { lines.take(1).collect() } else { vec![] };
        let answer = CancellationAnswer {
            po: PoNumber::of(&id, n),
            accepted: self.chance.happens(60),
            lines,
            unasked: self.chance.happens(15),
            reason: None,
        };
        let by = self.speaker(&id, n);
        Some(Command { by, deed: Deed::RecordCancellationAnswer(answer) })
    }
}
