//! Segment tags that the mappings know, one line each.

use countersign_edi::Tag;

// One macro, because forty constants must be their own names.
macro_rules! tags {
    ($($tag:ident)*) => { $(pub(crate) const $tag: Tag = Tag::new(stringify!($tag));)* };
}

tags! {
    ACK AK1 AK2 AK3 AK4 AK5 AK9 BAK BCA BCH BGN BIA BSN BSR CTT DTM HL IK3 IK4 IK5 ISR LE LIN LS MAN N1 OTI PID PO1
    POC PRF QTY REF SCH SDQ SE SN1 ST TD3 TD5 TED W06 W12 W27 G62 LX N9 W03 MTX MSG NTE
}
