//! Where a webhook may go: https and public addresses only, so that a subscription is no way into our own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longer ones are no addresses that a person registers.
const BYTES_MAX: usize = 2_048;

/// An endpoint that may be dialled, if its addresses turn out to be allowed too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Whether it speaks TLS.
    pub(crate) tls: bool,
    /// A name, or an address without brackets.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// As in the `Host` header, and what calls are counted by.
    pub(crate) authority: String,
    /// Path and query.
    pub(crate) path: String,
}

impl Endpoint {
    /// Reads an endpoint; else what is wrong with it. `private` lets in http and addresses of closed networks.
    pub(crate) fn parse(text: &str, private: bool) -> Result<Self, &'static str> {
        if text.len() > BYTES_MAX {
            return Err("an address has at most 2048 bytes");
        }
        let uri: http::Uri = text
            .parse()
            .map_err(|_| "it is not an address such as https://example.vn/hook")?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if private => false,
            _ => return Err("its scheme must be https"),
        };
        let authority = uri.authority().ok_or("it names no host")?.as_str().to_owned();
        if authority.contains('@') {
            return Err("user names and passwords do not belong into an address");
        }
        let host = uri.host().unwrap_or_default();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host)
            .to_owned();
        if host.is_empty() {
            return Err("it names no host");
        }
        if !private && host.parse().is_ok_and(|address| !is_public(address)) {
            return Err("its address is not public");
        }
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        // Of `https://example.vn?a=1` the query alone is there, which is no target of a request.
        let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
        let path = format!("{}{query}", uri.path());
        Ok(Self {
            tls,
            host,
            port,
            authority,
            path,
        })
    }
}

/// IPv4 ranges that are not the public internet: (network, prefix length).
const CLOSED_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Global unicast: whatever lies outside is local, multicast, or another address in disguise (mapped, NAT64).
const UNICAST_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Ranges within it that are not the public internet: protocol assignments with Teredo, documentation, 6to4.
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether an address is one of the public internet. By numbers: texts of addresses have too many spellings.
pub(crate) fn is_public(address: IpAddr) -> bool {
    let in_v4 = |address: Ipv4Addr, (network, bits): (Ipv4Addr, u32)| {
        (address.to_bits() ^ network.to_bits()) >> (32 - bits) == 0
    };
    let in_v6 = |address: Ipv6Addr, (network, bits): (Ipv6Addr, u32)| {
        (address.to_bits() ^ network.to_bits()) >> (128 - bits) == 0
    };
    match address {
        IpAddr::V4(address) => !CLOSED_V4.into_iter().any(|range| in_v4(address, range)),
        IpAddr::V6(address) => in_v6(address, UNICAST_V6) && !CLOSED_V6.into_iter().any(|range| in_v6(address, range)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "100.128.0.1",
            "172.32.0.1",
            "203.162.4.190",
            "2606:4700::1111",
            "2400:6540::1",
        ];
        for address in public {
            assert!(is_public(address.parse().expect("an address")), "{address}");
        }
        let closed = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
        ];
        for address in closed {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
    }

    #[test]
    fn an_endpoint_is_https_without_a_user_and_not_in_our_own_network() {
        let endpoint = Endpoint::parse("https://example.vn:8443/hook?a=1", false).expect("it is allowed");
        assert_eq!((endpoint.tls, endpoint.port), (true, 8443));
        assert_eq!(
            (endpoint.host.as_str(), endpoint.path.as_str()),
            ("example.vn", "/hook?a=1")
        );
        let bare = Endpoint::parse("https://example.vn?a=1", false).expect("it is allowed");
        assert_eq!(bare.path, "/?a=1");
        let refused = [
            "",
            "example.vn",
            "/hook",
            "http://example.vn/",
            "ftp://example.vn/",
            "file:///etc/passwd",
            "https://user:secret@example.vn/",
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://",
        ];
        for text in refused {
            assert!(Endpoint::parse(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn a_closed_installation_may_use_http_and_its_own_addresses() {
        let endpoint = Endpoint::parse("http://[::1]:9000", true).expect("it is allowed");
        assert_eq!(
            (endpoint.host.as_str(), endpoint.port, endpoint.path.as_str()),
            ("::1", 9000, "/")
        );
        assert_eq!(endpoint.authority, "[::1]:9000");
        assert!(Endpoint::parse("http://user@127.0.0.1/", true).is_err());
    }
}
