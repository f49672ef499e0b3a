//! Where outgoing calls may go: a vendor's or subscriber's address must not reach into the operator's own network.
//!
//! Knows addresses, not protocols. A name is resolved once and the connection goes to the address that was checked, so
//! a second answer of the name server changes nothing. Everything that is not plainly public is closed, unless the
//! operator's allow list opens it.

use crate::settings::SettingsError;
use reqwest::Url;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url_host::HostKind;

/// Ports below 1024 that carry HTTP; the others belong to services that an HTTP request should never reach.
const HTTP_PORTS: [u16; 2] = [80, 443];

/// What a closed guard says.
const CLOSED: &str = "this is a sandbox: nothing leaves it";

/// First port that needs no privilege to listen on.
const FIRST_FREE_PORT: u16 = 1024;

/// Closed IPv4 ranges (IANA special-purpose registry, and the metadata services that sit on public addresses).
const CLOSED_V4: [(Ipv4Addr, u8); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),          // this host
    (Ipv4Addr::new(10, 0, 0, 0), 8),         // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),      // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),        // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32),   // a cloud's wire server
    (Ipv4Addr::new(169, 254, 0, 0), 16),     // link-local, metadata
    (Ipv4Addr::new(172, 16, 0, 0), 12),      // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),       // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),       // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),     // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),     // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),      // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),    // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),     // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),        // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),        // reserved
    (Ipv4Addr::new(255, 255, 255, 255), 32), // broadcast
];

/// Closed IPv6 ranges; those that carry an IPv4 address are judged by that address before.
const CLOSED_V6: [(Ipv6Addr, u8); 9] = [
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0, 0, 0), 96), // unspecified, loopback, IPv4-compatible
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48), // local translation
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64), // discard
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7), // unique local
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10), // link-local
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10), // site-local
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8), // multicast
];

/// Why a call may not go there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Denied(pub String);

/// One line of the operator's allow list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Opening {
    /// True if plain HTTP is allowed there as well.
    plain: bool,
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// Addresses with this prefix.
    Range(IpAddr, u8),
    /// This name, or names that end in it if it starts with a dot.
    Name(String),
}

/// Decides where outgoing calls may go.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    openings: Vec<Opening>,
    /// Nothing is called at all.
    closed: bool,
}

impl Guard {
    /// Public addresses over HTTPS only.
    pub fn strict() -> Self {
        Self::default()
    }

    /// Calls nobody, wherever they are: no list opens it.
    pub fn closed() -> Self {
        Self { openings: vec![], closed: true }
    }

    /// Opens what the list names: an address (`10.1.2.3`), a range (`10.0.0.0/8`), a name (`erp.example`) or all names
    /// below one (`.example`); with `http://` before it plain HTTP is allowed there, too.
    pub fn allowing<T: AsRef<str>>(lines: &[T]) -> Result<Self, SettingsError> {
        let openings = lines.iter().map(|line| opening(line.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { openings, closed: false })
    }

    /// Judges the address as written, before any name is resolved.
    pub fn check_url(&self, url: &Url) -> Result<(), Denied> {
        let shown = shown(url);
        if self.closed {
            return Err(Denied(format!("{shown}: {CLOSED}")));
        }
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            other => return Err(Denied(format!("{shown}: only https is called, not {other}"))),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Denied(format!("{shown}: an address with a user or password in it is not called")));
        }
        let Some(host) = url_host::of(url) else {
            return Err(Denied(format!("{shown}: the address has no host")));
        };
        if let HostKind::Name(name) = &host {
            if plain && !self.openings.iter().any(|opening| opening.plain && opening.may_hold_name(name)) {
                return Err(Denied(format!("{shown}: plain http; use https, or allow http://{name}")));
            }
            return self.check_port(url, &shown, self.opens_name(name, plain));
        }
        let HostKind::Address(address) = host else { return Ok(()) };
        self.check_address(address, None, plain).map_err(|denied| Denied(format!("{shown}: {denied}")))?;
        self.check_port(url, &shown, self.opens_address(address, plain))
    }

    fn check_port(&self, url: &Url, shown: &str, opened: bool) -> Result<(), Denied> {
        let port = url.port_or_known_default().unwrap_or_default();
        if opened || port >= FIRST_FREE_PORT || HTTP_PORTS.contains(&port) {
            return Ok(());
        }
        Err(Denied(format!("{shown}: port {port} does not carry HTTP; use 443 or a port from {FIRST_FREE_PORT} on")))
    }

    /// Judges an address that a name resolved to (or that was given as such).
    pub fn check_address(&self, address: IpAddr, name: Option<&str>, plain: bool) -> Result<(), Denied> {
        if self.closed {
            return Err(Denied(format!("{address}: {CLOSED}")));
        }
        if self.opens_address(address, plain) || name.is_some_and(|name| self.opens_name(name, plain)) {
            return Ok(());
        }
        if plain {
            return Err(Denied(format!("{address} may only be called over https; or allow http://{address}")));
        }
        if is_public(address) {
            return Ok(());
        }
        let whose = name.map(|name| format!("{name} is {address}, which")).unwrap_or_else(|| address.to_string());
        Err(Denied(format!("{whose} is not a public address; the operator can allow it by name or range")))
    }

    /// Resolves a name once and keeps the addresses that may be called.
    pub async fn resolve(&self, host: &str, port: u16, plain: bool) -> Result<Vec<SocketAddr>, Denied> {
        if self.closed {
            return Err(Denied(format!("{host}: {CLOSED}")));
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((bare, port))
            .await
            .map_err(|error| Denied(format!("{host} cannot be resolved: {error}")))?;
        let mut first = None;
        let mut open = Vec::new();
        for socket in found {
            match self.check_address(socket.ip(), Some(bare), plain) {
                Ok(()) => open.push(socket),
                Err(denied) => first = first.or(Some(denied)),
            }
        }
        match (open.is_empty(), first) {
            (false, _) => Ok(open),
            (true, Some(denied)) => Err(denied),
            (true, None) => Err(Denied(format!("{host} has no address"))),
        }
    }

    fn opens_address(&self, address: IpAddr, plain: bool) -> bool {
        let address = address.to_canonical();
        self.openings.iter().any(|opening| {
            (opening.plain || !plain)
                && matches!(opening.place, Place::Range(prefix, length) if in_range(address, prefix, length))
        })
    }

    fn opens_name(&self, name: &str, plain: bool) -> bool {
        self.openings.iter().any(|opening| (opening.plain || !plain) && opening.place.is_name(name))
    }
}

impl Opening {
    /// A range may hold any name; which address it has is judged once it is resolved.
    fn may_hold_name(&self, name: &str) -> bool {
        matches!(self.place, Place::Range(..)) || self.place.is_name(name)
    }
}

impl Place {
    fn is_name(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        match self {
            Place::Name(own) if own.starts_with('.') => name.ends_with(own.as_str()),
            Place::Name(own) => name == *own,
            Place::Range(..) => false,
        }
    }
}

/// Reads one line of the allow list.
fn opening(line: &str) -> Result<Opening, SettingsError> {
    let fault = |why: &str| SettingsError::at("allow", format!("{line:?}: {why}"));
    let text = line.trim();
    let (plain, text) = match text.strip_prefix("http://") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("https://").unwrap_or(text)),
    };
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    if let Ok(address) = address.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => whole,
            Some(digits) => digits
                .parse()
                .ok()
                .filter(|length| *length <= whole)
                .ok_or_else(|| fault(&format!("the prefix length must be a number from 0 to {whole}")))?,
        };
        return Ok(Opening { plain, place: Place::Range(address, length) });
    }
    let name = address.trim_end_matches('.').to_ascii_lowercase();
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let only_digits = name.chars().all(|c| c.is_ascii_digit() || c == '.');
    if length.is_some() || name.is_empty() || only_digits || !name.chars().all(letters) {
        return Err(fault("give an address, a range such as 10.0.0.0/8, a host name, or .domain"));
    }
    Ok(Opening { plain, place: Place::Name(name) })
}

/// True if the address is on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match carried_v4(v6) {
            Some(v4) => is_public_v4(v4),
            None => !CLOSED_V6.iter().any(|(prefix, length)| in_range(v6.into(), (*prefix).into(), *length)),
        },
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    !CLOSED_V4.iter().any(|(prefix, length)| in_range(v4.into(), (*prefix).into(), *length))
}

/// The IPv4 address inside a mapped, translated (NAT64) or 6to4 address: a gateway would deliver it there.
fn carried_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = v6.to_ipv4_mapped() {
        return Some(mapped);
    }
    let at = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(at(high, low)),
        [0x2002, high, low, ..] => Some(at(high, low)),
        _ => None,
    }
}

fn in_range(address: IpAddr, prefix: IpAddr, length: u8) -> bool {
    match (address, prefix) {
        (IpAddr::V4(address), IpAddr::V4(prefix)) => {
            let shift = 32 - u32::from(length);
            u32::from(address).checked_shr(shift) == u32::from(prefix).checked_shr(shift)
        }
        (IpAddr::V6(address), IpAddr::V6(prefix)) => {
            let shift = 128 - u32::from(length);
            u128::from(address).checked_shr(shift) == u128::from(prefix).checked_shr(shift)
        }
        _ => false,
    }
}

/// An address without what may be secret in it, for messages.
pub(crate) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

/// The host of an address as a name or an address.
mod url_host {
    use reqwest::Url;
    use std::net::IpAddr;

    pub(super) enum HostKind {
        Name(String),
        Address(IpAddr),
    }

    /// The parser of the address has already turned decimal, octal, hexadecimal and full-width forms into one.
    pub(super) fn of(url: &Url) -> Option<HostKind> {
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        Some(match bare.parse() {
            Ok(address) => HostKind::Address(address),
            Err(_) => HostKind::Name(host.to_owned()),
        })
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
