//! The customer no longer wants an order, or one line of it.

use super::draft::Draft;
use super::{cancellation, find_order, supply};
use crate::event::Event;
use crate::ids::{LineId, OrderId};
use crate::measure::Quantity;
use crate::order::Phase;
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};

pub(super) fn decide(d: &mut Draft, id: &OrderId, line: Option<&LineId>, reason: Reason) -> Result<(), Refusal> {
    let order = find_order(&d.slice, id)?;
    if let Some(line) = line.filter(|l| order.line(l).is_none()) {
        let sentence = format!("order {id} has no line {line}");
        return Err(Refusal::field(RefusalKind::UnknownLine, "/line", line, "unknown_line", sentence));
    }
    let concerned = || order.lines.iter().filter(|l| line.is_none_or(|only| *only == l.id));
    let shipped = |l: &LineId| -> Quantity { order.of_line(l).map(|a| a.shipped).sum() };
    let open: Vec<LineId> = concerned()
        .filter(|l| l.cancelling.is_none() && l.quantity > l.cancelled + shipped(&l.id))
        .map(|l| l.id.clone())
        .collect();
    if open.is_empty() {
        let under_way = concerned().any(|l| l.cancelling.is_some()) || concerned().all(|l| l.cancelled >= l.quantity);
        if under_way {
            return Ok(());
        }
        return Err(Refusal::new(
            RefusalKind::NotNow,
            format!("order {id} has shipped: it can be returned, not cancelled ({})", Reason::CancelLate),
        ));
    }
    cancel_lines(d, id, &open, reason);
    Ok(())
}

/// Cancels lines together: a source that supplies several of them is asked once.
pub(super) fn cancel_lines(d: &mut Draft, id: &OrderId, lines: &[LineId], reason: Reason) {
    for line in lines {
        d.record(Event::LineCancellationRequested { order: id.clone(), line: line.clone(), reason });
        cancellation::void_approvals(d, id, line);
        d.settle_cases(id, |c| c.line.as_ref() == Some(line) && c.blocks);
    }
    let living = |p: Phase| {
        matches!(p, Phase::Planned | Phase::Held | Phase::Requested | Phase::Acknowledged | Phase::Committed)
    };
    let order = d.order(id);
    let asked: Vec<u32> =
        lines.iter().flat_map(|l| order.of_line(l)).filter(|a| living(a.phase)).map(|a| a.ordinal).collect();
    supply::withdraw(d, id, &asked, reason);
    lines.iter().for_each(|line| cancellation::after_withdrawal(d, id, line));
}
