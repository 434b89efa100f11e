//! E-mail: [`address`] says to whom we write, [`message`] what, [`relay`] hands it to the installation's mail server.

mod address;
mod message;
mod relay;
mod words;

pub use relay::MailConfig;

pub(crate) use self::{address::parse, relay::Relay};
use crate::{answer::Answer, machine::delivery::Delivery};

/// Writes to a subscriber once. Every attempt of a delivery sends the same bytes, under the same Message-ID.
pub(crate) async fn send(relay: &Relay, endpoint: &str, delivery: &Delivery) -> Answer {
    let Ok(to) = relay.recipient(endpoint) else {
        return Answer::failed("forbidden address");
    };
    match message::write(relay.from(), &to, delivery) {
        Ok(message) => relay.hand_over(&to, &message).await,
        Err(what) => Answer::failed(what),
    }
}
