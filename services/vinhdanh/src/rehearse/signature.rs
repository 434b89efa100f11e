//! Signatures of Standard Webhooks, as a receiver checks them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What a receiver knows of one call.
pub struct Signed<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`, seconds since 1970. A rehearsal's clock is simulated, so that its age says nothing.
    pub timestamp: &'a str,
    /// `webhook-signature`: one or several `v1,BASE64`, apart by spaces.
    pub signature: &'a str,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

/// Why a call is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// The secret is not `whsec_` and base64.
    #[error("the secret is not whsec_BASE64")]
    Secret,
    /// The timestamp is not a number of seconds.
    #[error("webhook-timestamp is not a number of seconds")]
    Timestamp,
    /// No signature fits.
    #[error("webhook-signature does not fit id, timestamp and body")]
    Signature,
}

/// Whether one of the signatures was made with `secret` (`whsec_…`) over id, timestamp and body.
pub fn verify(secret: &str, call: &Signed<'_>) -> Result<(), NotSigned> {
    let key = secret
        .strip_prefix("whsec_")
        .and_then(|key| STANDARD.decode(key).ok())
        .ok_or(NotSigned::Secret)?;
    call.timestamp.parse::<u64>().map_err(|_| NotSigned::Timestamp)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| NotSigned::Secret)?;
    for part in [call.id.as_bytes(), b".", call.timestamp.as_bytes(), b".", call.body] {
        mac.update(part);
    }
    let fits = |one: &str| {
        let given = one.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        given.is_some_and(|given| mac.clone().verify_slice(&given).is_ok())
    };
    if call.signature.split(' ').any(fits) {
        Ok(())
    } else {
        Err(NotSigned::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example that the specification gives.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const CALL: Signed<'_> = Signed {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: "1614265330",
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        body: br#"{"test": 2432232314}"#,
    };

    #[test]
    fn the_published_example_verifies() {
        assert_eq!(verify(SECRET, &CALL), Ok(()));
        let several = Signed {
            signature: &format!("v1a,x v1,AAAA {}", CALL.signature),
            ..CALL
        };
        assert_eq!(verify(SECRET, &several), Ok(()));
    }

    #[test]
    fn a_changed_call_does_not() {
        assert_eq!(
            verify(SECRET, &Signed { body: b"{}", ..CALL }),
            Err(NotSigned::Signature)
        );
        assert_eq!(
            verify(SECRET, &Signed { id: "msg_2", ..CALL }),
            Err(NotSigned::Signature)
        );
        assert_eq!(
            verify(
                SECRET,
                &Signed {
                    timestamp: "1614265331",
                    ..CALL
                }
            ),
            Err(NotSigned::Signature)
        );
        assert_eq!(
            verify(
                SECRET,
                &Signed {
                    timestamp: "today",
                    ..CALL
                }
            ),
            Err(NotSigned::Timestamp)
        );
        assert_eq!(
            verify(SECRET, &Signed { signature: "", ..CALL }),
            Err(NotSigned::Signature)
        );
        assert_eq!(
            verify("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", &CALL),
            Err(NotSigned::Signature)
        );
        assert_eq!(
            verify("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &CALL),
            Err(NotSigned::Secret)
        );
    }
}
