//! Checking: a token becomes a principal, or a reason.

use std::collections::HashMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use crate::issuer::{Claims, KeyError, PublicKey, TOKEN_TYPE, parse_public};
use crate::principal::Principal;

/// How far two honest clocks may be apart, in seconds.
pub const SKEW_S: i64 = 60;

/// Longest token that is looked at, in bytes. Ours have about 600; what is longer is somebody's attempt to make us work.
pub const TOKEN_BYTES_MAX: usize = 4096;

/// Why a token does not say who someone is. No text of the token is repeated before its signature was found good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No token was sent.
    #[error("no token: send `authorization: Bearer TOKEN`")]
    Missing,
    /// It cannot be read as one of our tokens.
    #[error("malformed token ({0}): get a new one from the issuer")]
    Malformed(String),
    /// Its time is over.
    #[error("token expired at {expired_at_s}, now {now_s}: get a new one from the issuer")]
    Expired {
        /// The claim `exp`, in seconds since 1970 UTC.
        expired_at_s: i64,
        /// The instant that it was held against.
        now_s: i64,
    },
    /// Its time has not come.
    #[error("token valid from {valid_from_s}, now {now_s}: wait, or compare the clocks of issuer and service")]
    NotYetValid {
        /// The later of the claims `nbf` and `iat`, in seconds since 1970 UTC.
        valid_from_s: i64,
        /// The instant that it was held against.
        now_s: i64,
    },
    /// It was made by another, for another, or in a way that we do not accept.
    #[error("foreign token ({0}): get one that this installation's issuer made for this API")]
    Foreign(Foreign),
}

/// What about a token is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// `alg` is not EdDSA.
    Algorithm,
    /// `typ` is not an access token's.
    Type,
    /// The key is not one of ours.
    Key,
    /// The signature is not that key's.
    Signature,
    /// `iss` is another issuer.
    Issuer,
    /// `aud` is another API.
    Audience,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
        })
    }
}

impl TokenError {
    /// The stable reason for the error's details. gRPC answers `UNAUTHENTICATED` with all of them.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "TOKEN_MISSING",
            Self::Malformed(_) => "TOKEN_MALFORMED",
            Self::Expired { .. } => "TOKEN_EXPIRED",
            Self::NotYetValid { .. } => "TOKEN_NOT_YET_VALID",
            Self::Foreign(_) => "TOKEN_FOREIGN",
        }
    }
}

fn malformed(what: &str) -> TokenError {
    TokenError::Malformed(what.to_owned())
}

/// The token in the value of an `authorization` header, `None` being a call without that header.
pub fn bearer(authorization: Option<&str>) -> Result<&str, TokenError> {
    let value = authorization.ok_or(TokenError::Missing)?.trim();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        None if value.is_empty() || value.eq_ignore_ascii_case("bearer") => Err(TokenError::Missing),
        _ => Err(malformed("authorization is not `Bearer TOKEN`")),
    }
}

/// The part of a JOSE header that we obey. `jku`, `x5u`, `x5c` and `jwk` are not here: who signs does not get to say
/// where the key is.
#[derive(Deserialize)]
struct Head {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// Accepts the tokens of one issuer for one audience.
pub struct Verifier {
    issuer: String,
    audience: String,
    keys: HashMap<String, DecodingKey>,
}

impl Verifier {
    /// A verifier for the tokens that `issuer` made for `audience` with any of `keys` (several while keys rotate).
    /// Fails on a text that is no Ed25519 public key and on two keys with one id.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, keys: Vec<PublicKey>) -> Result<Self, KeyError> {
        let mut known = HashMap::new();
        for PublicKey { kid, pem } in keys {
            let key = DecodingKey::from_ed_der(parse_public(&kid, &pem)?.as_bytes());
            if known.insert(kid.clone(), key).is_some() {
                return Err(KeyError::Twice { kid });
            }
        }
        Ok(Self {
            issuer: issuer.into(),
            audience: audience.into(),
            keys: known,
        })
    }

    /// Who the token's bearer is at `now_s` (seconds since 1970 UTC).
    pub fn verify(&self, token: &str, now_s: i64) -> Result<Principal, TokenError> {
        let claims = self.signed_claims(token)?;
        if claims.iss != self.issuer {
            return Err(TokenError::Foreign(Foreign::Issuer));
        }
        if claims.aud != self.audience {
            return Err(TokenError::Foreign(Foreign::Audience));
        }
        let valid_from_s = claims.nbf.max(claims.iat);
        if valid_from_s > now_s.saturating_add(SKEW_S) {
            return Err(TokenError::NotYetValid { valid_from_s, now_s });
        }
        if now_s >= claims.exp.saturating_add(SKEW_S) {
            return Err(TokenError::Expired {
                expired_at_s: claims.exp,
                now_s,
            });
        }
        for (claim, value) in [("sub", &claims.sub), ("vd_agency", &claims.vd_agency)] {
            if value.is_empty() {
                return Err(TokenError::Malformed(format!("claim `{claim}` is empty")));
            }
        }
        Ok(Principal {
            subject: claims.sub,
            role: claims.vd_role,
            agency: claims.vd_agency,
            person: claims.vd_person.filter(|person| !person.is_empty()),
        })
    }

    /// The claims, once it is sure that one of our keys signed them. Our own strict types read them: the library's
    /// validation would take a wrongly typed `exp` for an absent one, and would ask the machine for the time.
    fn signed_claims(&self, token: &str) -> Result<Claims, TokenError> {
        if token.is_empty() {
            return Err(TokenError::Missing);
        }
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Malformed(format!("longer than {TOKEN_BYTES_MAX} bytes")));
        }
        let (message, signature) = token.rsplit_once('.').ok_or_else(|| malformed("not three parts"))?;
        let (head, payload) = message.split_once('.').ok_or_else(|| malformed("not three parts"))?;
        let head: Head = decode(head)
            .and_then(|json| serde_json::from_slice(&json).ok())
            .ok_or_else(|| malformed("header unreadable"))?;
        if head.alg != "EdDSA" {
            return Err(TokenError::Foreign(Foreign::Algorithm));
        }
        if !head.typ.is_some_and(|typ| is_access_token(&typ)) {
            return Err(TokenError::Foreign(Foreign::Type));
        }
        if head.crit.is_some() {
            return Err(malformed("header has critical extensions, and we know none"));
        }
        let key = head
            .kid
            .and_then(|kid| self.keys.get(&kid))
            .ok_or(TokenError::Foreign(Foreign::Key))?;
        match jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, Algorithm::EdDSA) {
            Ok(true) => {}
            Ok(false) => return Err(TokenError::Foreign(Foreign::Signature)),
            Err(_) => return Err(malformed("signature unreadable")),
        }
        let json = decode(payload).ok_or_else(|| malformed("claims unreadable"))?;
        serde_json::from_slice(&json).map_err(|error| TokenError::Malformed(format!("claims: {error}")))
    }
}

fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

/// RFC 9068, section 4: with or without the `application/` of a media type, in any case.
fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ) == TOKEN_TYPE
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("kids", &self.keys.keys())
            .finish()
    }
}
