//! Who someone is, and what they may do.
//!
//! - [`principal`]: a person or a service, in one [`Role`] at one agency.
//! - [`issuer`]: signs that into a short-lived token (JWT, EdDSA).
//! - [`verifier`]: turns a token back into a [`Principal`], or says why not.
//! - [`policy`]: one reviewed table, role × act, and the decision about a single request.
//! - [`mandate`]: who may act in whose place: some acts, some days, and never more than the one who gave it.
//!
//! Nothing here reads a clock, a random number, a file or a socket: time, entropy and key text are arguments, so that
//! every refusal can be tested by giving another "now".

pub mod issuer;
pub mod mandate;
pub mod policy;
pub mod principal;
pub mod verifier;
mod words;

pub use issuer::{Issuer, KeyError, PublicKey};
pub use mandate::{Mandate, Substitute, decide_under, delegable};
pub use policy::{Act, Cause, Denied, Request, decide, permits};
pub use principal::{Principal, Role};
pub use verifier::{TokenError, Verifier, bearer};
pub use words::UnknownWord;
