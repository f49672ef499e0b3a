//! Messages by mail: to vendors, to the retailer's people, to customers where the storefront leaves it to us.
//!
//! Like webhooks, they follow the journal by position. A letter is written down before the position moves on, and
//! claimed before its first byte leaves; one whose fate is unknown is laid aside, never sent twice. What a letter says is
//! written only when it goes out, so that neither links nor addresses of customers wait in the store.

mod bounce;
mod compose;
mod digest;
mod kinds;
mod letter;
mod queue;
mod quiet;
mod run;
mod settings;
mod smtp;
mod template;

pub use bounce::{Bounce, Returned, give_back, look_up};
pub use kinds::{Audience, Kind};
pub use letter::{Dead, Letter, Recipient, Wish, dead_letters, erase, forget_dead, post, random_id, send_again};
pub use quiet::Quiet;
pub use run::run;
pub use settings::{
    Contacts, CustomersBy, Settings, all_contacts, contacts, put_contacts, put_settings, read_settings,
};
pub use smtp::{Mailer, Outcome, Relay};
pub use template::{Template, TemplateFault, put_template, read_template, remove_template};
