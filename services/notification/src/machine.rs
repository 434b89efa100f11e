//! The machines of notification: who wants to be told what, whether each of them was told, and a roll of them all.
#![expect(
    missing_docs,
    clippy::new_ret_no_self,
    clippy::ptr_arg,
    clippy::trivially_copy_pass_by_ref,
    clippy::wrong_self_convention,
    reason = "statig's macro names handlers after states, hands fields over by reference, and writes superstates"
)]

pub mod delivery;
pub mod roll;
pub mod subscription;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

/// How a subscriber is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The subscriber comes, takes and acknowledges.
    #[default]
    Stream,
    /// We call an address of the subscriber's.
    Webhook,
    /// We write to the subscriber, through the installation's mail server.
    Email,
}

impl Channel {
    /// Whether we bring it, and try again; else the subscriber fetches it.
    pub fn is_sent(self) -> bool {
        match self {
            Self::Stream => false,
            Self::Webhook | Self::Email => true,
        }
    }
}

/// Whose a subscription is: the person who made it, and the agency that they acted for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The agency's code.
    pub agency: String,
    /// The person's stable id.
    pub subject: String,
}
