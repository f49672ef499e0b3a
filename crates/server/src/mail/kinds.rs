//! The kinds of messages: for whom, what they say unless the retailer says otherwise, and which facts they may name.

use serde::{Deserialize, Serialize};

/// For whom a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// A vendor's people.
    Vendors,
    /// The retailer's people.
    Staff,
    /// Customers.
    Customers,
}

// One macro, because code, audience, facts, subject and text must stand together.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $audience:ident, [$($fact:literal)*], $subject:literal, $text:literal;)*) => {
        /// A kind of message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind { $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Kind] = &[$(Kind::$variant,)*];
            /// The stable word.
            pub fn code(self) -> &'static str { match self { $(Kind::$variant => $code,)* } }
            /// For whom.
            pub fn audience(self) -> Audience { match self { $(Kind::$variant => Audience::$audience,)* } }
            /// The facts that its template may name.
            pub fn facts(self) -> &'static [&'static str] { match self { $(Kind::$variant => &[$($fact,)*],)* } }
            /// Its own subject.
            pub fn subject(self) -> &'static str { match self { $(Kind::$variant => $subject,)* } }
            /// Its own text.
            pub fn text(self) -> &'static str { match self { $(Kind::$variant => $text,)* } }
            /// When it goes out.
            pub fn words(self) -> &'static str { match self { $(Kind::$variant => concat!($($doc,)+),)* } }
        }
    };
}

kinds! {
    /// A purchase order waits for the vendor's answer on the portal.
    VendorOrder = "vendor_order", Vendors, ["vendor" "po" "due" "lines" "link"],
        "Purchase order {{po}}: please answer by {{due}}",
        "Hello {{vendor}},\n\nthis purchase order waits for your answer until {{due}}:\n\n{{lines}}\n\nSee it and answer it here, without a login:\n{{link}}\n\nThe link works once. Whoever has it can answer: please do not pass it on.\n";
    /// The vendor has not answered; it gets the same time again.
    VendorReminder = "vendor_reminder", Vendors, ["vendor" "po" "due" "lines" "link"],
        "Reminder: purchase order {{po}}, please answer by {{due}}",
        "Hello {{vendor}},\n\nwe have no answer yet to this purchase order:\n\n{{lines}}\n\nPlease answer by {{due}}:\n{{link}}\n";
    /// A clock of the vendor is running low, or has run out.
    VendorEscalation = "vendor_escalation", Vendors, ["vendor" "po" "due" "what" "link"],
        "{{po}}: {{what}} is due {{due}}",
        "Hello {{vendor}},\n\n{{what}} for purchase order {{po}} is due {{due}} and we have not heard from you.\n\n{{link}}\n";
    /// The retailer asks the vendor to stop a purchase order.
    VendorStop = "vendor_stop", Vendors, ["vendor" "po" "why" "link"],
        "Please stop purchase order {{po}}",
        "Hello {{vendor}},\n\nplease do not ship purchase order {{po}} any more. {{why}}\n\nTell us whether you can still stop it:\n{{link}}\n";
    /// A purchase order is closed without the vendor: nothing is to be shipped.
    VendorClosing = "vendor_closing", Vendors, ["vendor" "po" "why"],
        "Purchase order {{po}} is closed",
        "Hello {{vendor}},\n\npurchase order {{po}} is closed: please do not ship it. {{why}}\n";
    /// A link to the portal that somebody asked for.
    VendorLink = "vendor_link", Vendors, ["vendor" "link"],
        "Your link to the portal",
        "Hello {{vendor}},\n\nhere is the link you asked for. It works once, for fifteen minutes:\n{{link}}\n\nIf you did not ask for it, there is nothing to do.\n";
    /// Somebody of the retailer writes about a purchase order.
    VendorMessage = "vendor_message", Vendors, ["vendor" "po" "words" "link"],
        "About purchase order {{po}}",
        "Hello {{vendor}},\n\nabout purchase order {{po}}:\n\n{{words}}\n\nSee it here, without a login:\n{{link}}\n";
    /// Somebody gave a case to a person.
    StaffAssigned = "staff_assigned", Staff, ["case" "sentence" "by" "link"],
        "A case for you: {{case}}",
        "{{by}} gave you this case:\n\n{{sentence}}\n\n{{link}}\n";
    /// A case went up the ladder to a role.
    StaffEscalated = "staff_escalated", Staff, ["case" "sentence" "role" "link"],
        "Escalated: {{case}}",
        "This case went up to {{role}}, because nobody has answered it:\n\n{{sentence}}\n\n{{link}}\n";
    /// A vendor let a clock run out.
    StaffBreached = "staff_breached", Staff, ["source" "po" "what" "due" "link"],
        "{{source}} missed {{what}} for {{po}}",
        "{{source}} has not kept its time: {{what}} for {{po}} was due {{due}}.\n\n{{link}}\n";
    /// A decision waits for a person who may make it.
    StaffApproval = "staff_approval", Staff, ["approval" "order" "sentence" "due" "link"],
        "Please decide on {{order}} by {{due}}",
        "A decision waits for you until {{due}}:\n\n{{sentence}}\n\nSee it and answer it here. The link works once and only for you:\n{{link}}\n";
    /// The day's open cases and approvals.
    StaffDigest = "staff_digest", Staff, ["day" "cases" "approvals" "lines" "link"],
        "{{day}}: {{cases}} cases, {{approvals}} approvals",
        "Open for your role this morning: {{cases}} cases and {{approvals}} approvals.\n\n{{lines}}\n\n{{link}}\n";
    /// Somebody of the retailer writes about an order.
    CustomerMessage = "customer_message", Customers, ["shop" "name" "order" "words"],
        "About your order {{order}}",
        "Hello {{name}},\n\n{{words}}\n\n{{shop}}\n";
    /// Provisional dates of a customer's order.
    CustomerProvisional = "customer_provisional", Customers, ["shop" "name" "order" "lines"],
        "Your order {{order}}",
        "Hello {{name}},\n\nthank you for your order {{order}}. We expect:\n\n{{lines}}\n\nWe write again as soon as this is certain.\n\n{{shop}}\n";
    /// The dates are sure.
    CustomerConfirmed = "customer_confirmed", Customers, ["shop" "name" "order" "lines"],
        "Your order {{order}} is confirmed",
        "Hello {{name}},\n\nyour order {{order}} is confirmed:\n\n{{lines}}\n\n{{shop}}\n";
    /// The dates changed.
    CustomerRevised = "customer_revised", Customers, ["shop" "name" "order" "lines" "why"],
        "New dates for your order {{order}}",
        "Hello {{name}},\n\nthe dates of your order {{order}} have changed:\n\n{{lines}}\n\n{{why}}\n\n{{shop}}\n";
    /// A line waits for supply; there is no date yet.
    CustomerDelayed = "customer_delayed", Customers, ["shop" "name" "order" "lines" "why"],
        "Your order {{order}} is delayed",
        "Hello {{name}},\n\npart of your order {{order}} takes longer than we hoped:\n\n{{lines}}\n\n{{why}} We write again as soon as we know more.\n\n{{shop}}\n";
    /// Units were cancelled.
    CustomerCancelled = "customer_cancelled", Customers, ["shop" "name" "order" "lines" "why"],
        "Your order {{order}}: cancelled",
        "Hello {{name}},\n\nthis part of your order {{order}} is cancelled:\n\n{{lines}}\n\n{{why}}\n\n{{shop}}\n";
}

impl Kind {
    /// The kind behind a word.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|k| k.code() == code)
    }
    /// True if a letter of this kind is of no use without its link.
    pub fn needs_link(self) -> bool {
        matches!(
            self,
            Kind::VendorOrder | Kind::VendorReminder | Kind::VendorStop | Kind::VendorLink | Kind::StaffApproval
        )
    }
}
