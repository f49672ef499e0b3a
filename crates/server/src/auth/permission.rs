//! What each role may do: one table (`domain.md`, People).

use countersign_engine::approval::ApprovalKind;
use countersign_engine::case::Remedy;
use countersign_engine::command::Role;

/// Who may make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever has a key or a session.
    LoggedIn,
    /// Roles that include it.
    Needs(Permission),
}

// One macro, because permission, words and roles must stand on one line.
macro_rules! permissions {
    ($($variant:ident: $words:literal, [$($role:ident)*];)*) => {
        /// What a call does, as far as roles tell it apart.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the words of the table say it")]
        pub enum Permission { $($variant,)* }

        impl Permission {
            /// Every permission.
            pub const ALL: &[Permission] = &[$(Permission::$variant,)*];
            /// What it lets one do, as the end of "may not …".
            pub fn words(self) -> &'static str { match self { $(Permission::$variant => $words,)* } }
        }

        /// The table: permission by role.
        pub const TABLE: &[(Permission, &[Role])] = &[$((Permission::$variant, &[$(Role::$role,)*]),)*];
    };
}

permissions! {
    ReadOrders: "read orders", [CustomerService VendorManager Buyer It Auditor];
    ReadPeople: "read personal data of customers", [CustomerService VendorManager It Auditor];
    CaptureOrders: "send orders", [CustomerService It];
    ChangeOrders: "cancel, hold or release orders", [CustomerService VendorManager It];
    WriteToPeople: "write to customers and vendors", [CustomerService VendorManager];
    HandInReplies: "hand in what customers and vendors wrote back", [CustomerService VendorManager It];
    Reroute: "reroute lines", [CustomerService VendorManager Buyer];
    ChooseSource: "choose the source of a line", [VendorManager Buyer];
    ErasePeople: "erase personal data", [CustomerService It];
    Quote: "quote carts", [CustomerService VendorManager Buyer It];
    ReadCatalog: "read items, sources and offers", [CustomerService VendorManager Buyer It Auditor];
    WriteItems: "record items", [Buyer It];
    WriteSources: "record sources", [VendorManager It];
    WriteOffers: "record offers", [VendorManager Buyer It];
    WriteAdvice: "report availability", [VendorManager Buyer It];
    ReadCases: "read cases", [CustomerService VendorManager Buyer It Auditor];
    WorkCases: "work on cases", [CustomerService VendorManager Buyer It];
    ReadApprovals: "read approvals", [CustomerService VendorManager Buyer It Auditor];
    AnswerApprovals: "answer approvals", [VendorManager Buyer];
    RevisePromises: "take a later day for the customer", [CustomerService VendorManager];
    PressSources: "give sources more time and send them papers again", [CustomerService VendorManager It];
    SpeakForSources: "record what a source said about shipping or stopping", [VendorManager];
    AnswerContests: "answer what vendors dispute", [VendorManager];
    ReadPolicies: "read policies", [CustomerService VendorManager Buyer It Auditor];
    WritePolicies: "write policies", [VendorManager Buyer];
    ApprovePolicies: "approve policies", [VendorManager Buyer];
    SwitchToLegacy: "switch to the legacy path", [VendorManager Buyer It];
    ReadReports: "read reports", [CustomerService VendorManager Buyer It Auditor];
    ReadEvents: "follow events", [CustomerService VendorManager Buyer It Auditor];
    ReadAudit: "read and export the log", [It Auditor];
    ReadCheckpoint: "read the log's checkpoint", [CustomerService VendorManager Buyer It Auditor];
    ManageWebhooks: "manage webhooks", [It];
    ReadQuarantine: "read the quarantine", [VendorManager It Auditor];
    ReplayQuarantine: "replay from the quarantine", [VendorManager It];
    ReadMessages: "read messages and their settings", [CustomerService VendorManager Buyer It Auditor];
    WriteMessages: "set messages up", [VendorManager It];
    InviteVendors: "let a vendor's people in", [VendorManager It];
    ManageSecrets: "store channel secrets", [It];
    ManageKeys: "manage keys and people", [It];
    Supply: "speak for a source", [Vendor];
}

impl Permission {
    /// Its word on the wire: `read_orders`.
    pub fn code(self) -> String {
        snake(&format!("{self:?}"))
    }
}

/// `ReadOrders` as `read_orders`.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (i, c) in name.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// True if the role includes it.
pub fn allows(role: Role, permission: Permission) -> bool {
    TABLE.iter().any(|(p, roles)| *p == permission && roles.contains(&role))
}

/// What a remedy of a case needs beside the right to work on cases: the permission of the deed that it stands for, so
/// that nobody does by a case what they may not do without one.
pub fn of_remedy(remedy: &Remedy) -> Permission {
    match remedy {
        Remedy::PlanAgain => Permission::Reroute,
        Remedy::RerouteTo { .. } => Permission::ChooseSource,
        Remedy::CancelRest => Permission::ChangeOrders,
        Remedy::WaitLonger | Remedy::SendAgain | Remedy::SourceHasIt => Permission::PressSources,
        Remedy::SourceWillNotShip | Remedy::KeepSource => Permission::SpeakForSources,
        Remedy::AcceptDate => Permission::RevisePromises,
        Remedy::ExcuseBreach { .. } | Remedy::UpholdBreach { .. } => Permission::AnswerContests,
        Remedy::Dismiss => Permission::WorkCases,
    }
}

/// Why a role may not do something, and who may; nothing if it may.
pub fn barred(role: Role, permission: Permission) -> Option<String> {
    if allows(role, permission) {
        return None;
    }
    let (_, roles) = TABLE.iter().find(|(p, _)| *p == permission)?;
    let others: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    let words = permission.words();
    Some(format!("the role {} may not {words}: that is for {}", role.name(), others.join(", ")))
}

/// True if the role may answer approvals of that kind: buyers answer for goods and costs, vendor managers for sources
/// and dates.
pub fn may_answer(role: Role, kind: ApprovalKind) -> bool {
    match kind {
        ApprovalKind::Substitution => role == Role::Buyer,
        ApprovalKind::CostIncrease | ApprovalKind::Expedite => matches!(role, Role::Buyer | Role::VendorManager),
        ApprovalKind::Split | ApprovalKind::LatePromise | ApprovalKind::Release => role == Role::VendorManager,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outside_has_one_permission_and_auditors_change_nothing() {
        for permission in Permission::ALL {
            assert_eq!(allows(Role::Vendor, *permission), *permission == Permission::Supply);
            let reads = permission.words().starts_with("read") || *permission == Permission::ReadEvents;
            assert_eq!(allows(Role::Auditor, *permission), reads, "{permission:?}");
        }
        assert!(!allows(Role::It, Permission::AnswerApprovals), "no commercial approvals");
    }

    #[test]
    fn a_refusal_names_who_may() {
        assert_eq!(barred(Role::CustomerService, Permission::ChangeOrders), None);
        let why = barred(Role::Buyer, of_remedy(&Remedy::CancelRest)).unwrap();
        assert_eq!(
            why,
            "the role buyer may not cancel, hold or release orders: that is for customer service, vendor manager, IT"
        );
    }
}
