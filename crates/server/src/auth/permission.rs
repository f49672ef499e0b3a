//! What each role may do: one table (`domain.md`, People).

use countersign_engine::approval::ApprovalKind;
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

/// True if the role includes it.
pub fn allows(role: Role, permission: Permission) -> bool {
    TABLE.iter().any(|(p, roles)| *p == permission && roles.contains(&role))
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
}
