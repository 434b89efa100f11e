//! One attempt on its own, told as text: for tests that speak for receivers and mail servers.

use crate::{
    endpoint::{Endpoint, is_public},
    mail::{MailConfig, Relay},
    webhook::{Caller, Message},
};

/// What a call of a webhook at `endpoint` comes to.
pub async fn webhook(endpoint: &str) -> String {
    let message = Message {
        id: "probe".to_owned(),
        timestamp_s: 0,
        body: b"{}".to_vec(),
        secret: vec![7; 32],
    };
    format!("{:?}", Caller::new(true).call(endpoint, message).await)
}

/// What handing a message to the mail server at `smtp` comes to.
pub async fn mail(smtp: &str) -> String {
    let config = match MailConfig::try_new(smtp, "vinhdanh@example.vn", None, 1) {
        Ok(config) => config,
        Err(what) => return what,
    };
    let relay = Relay::new(config);
    match relay.recipient("van-phong@example.vn") {
        Ok(to) => format!("{:?}", relay.hand_over(&to, b"Subject: probe\r\n\r\n.\r\n").await),
        Err(what) => what.to_owned(),
    }
}

/// Reads a text as an endpoint and as an e-mail address. What is let in holds no second address and no way into a closed
/// network.
pub fn addresses(text: &str) {
    if let Ok(endpoint) = Endpoint::parse(text, false) {
        let closed = |address: std::net::IpAddr| !is_public(address);
        assert!(endpoint.tls && !endpoint.host.parse().is_ok_and(closed), "{text:?}");
        assert!(
            !endpoint.authority.contains('@') && endpoint.path.starts_with('/'),
            "{text:?}"
        );
    }
    if let Ok(address) = crate::mail::parse(text) {
        assert_eq!(address.to_string(), text);
        assert!(!text.contains(['\r', '\n', ',', ' ', '<', '>']), "{text:?}");
    }
}
