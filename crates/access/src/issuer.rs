//! Signing: a principal becomes a short-lived token.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, KeypairBytes};
use ed25519_dalek::{SigningKey, VerifyingKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::principal::{Principal, Role};

/// What kind of token ours are (RFC 9068). An identity token of the same issuer has another `typ` and is no access token.
pub(crate) const TOKEN_TYPE: &str = "at+jwt";

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is no Ed25519 private key.
    #[error("not an Ed25519 private key in PKCS#8 PEM: make one with `openssl genpkey -algorithm ed25519`")]
    Private,
    /// The text is no Ed25519 public key.
    #[error("public key `{kid}` is not an Ed25519 key in SPKI PEM: take it from the issuer again")]
    Public {
        /// The key's id.
        kid: String,
    },
    /// Anyone could forge signatures for this key (a point of small order).
    #[error("public key `{kid}` is a weak Ed25519 key: have the issuer generate another")]
    Weak {
        /// The key's id.
        kid: String,
    },
    /// Two keys have one id, so that a token does not say which of them signed it.
    #[error("two public keys have the id `{kid}`: leave one out")]
    Twice {
        /// The id.
        kid: String,
    },
}

/// A key that tokens are checked against: safe to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// The key's id, as the tokens' header names it.
    pub kid: String,
    /// The key as SubjectPublicKeyInfo in PEM.
    pub pem: String,
}

impl PublicKey {
    /// A public key from its PEM text, under the id that our issuer gives it.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let key = parse_public("(unnamed)", pem)?;
        Ok(Self {
            kid: thumbprint(&key),
            pem: pem.to_owned(),
        })
    }
}

pub(crate) fn parse_public(kid: &str, pem: &str) -> Result<VerifyingKey, KeyError> {
    let key = VerifyingKey::from_public_key_pem(pem).map_err(|_| KeyError::Public { kid: kid.to_owned() })?;
    if key.is_weak() {
        Err(KeyError::Weak { kid: kid.to_owned() })
    } else {
        Ok(key)
    }
}

/// The key's id is its own digest (RFC 7638 over the JWK of RFC 8037): two issuers never pick the same by chance.
fn thumbprint(key: &VerifyingKey) -> String {
    let jwk = format!(
        r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#,
        URL_SAFE_NO_PAD.encode(key.as_bytes())
    );
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
}

/// The claims of our tokens. Times are seconds since 1970 UTC.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    #[serde(default)]
    pub(crate) jti: String,
    pub(crate) vd_role: Role,
    pub(crate) vd_agency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vd_person: Option<String>,
}

/// Signs tokens for one audience with one Ed25519 key.
pub struct Issuer {
    name: String,
    audience: String,
    key: SigningKey,
    encoding: EncodingKey,
    kid: String,
}

impl Issuer {
    /// A new issuer whose private key is `random`: 32 bytes from the system's random source, used for nothing else.
    pub fn generate(name: impl Into<String>, audience: impl Into<String>, random: [u8; 32]) -> Self {
        Self::of(name.into(), audience.into(), SigningKey::from_bytes(&random))
    }

    /// The issuer whose private key was written by [`Issuer::to_pem`] or by `openssl genpkey -algorithm ed25519`.
    pub fn from_pem(name: impl Into<String>, audience: impl Into<String>, pem: &str) -> Result<Self, KeyError> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|_| KeyError::Private)?;
        Ok(Self::of(name.into(), audience.into(), key))
    }

    fn of(name: String, audience: String, key: SigningKey) -> Self {
        let encoding = EncodingKey::from_ed_der(
            pkcs8(&key)
                .to_pkcs8_der()
                .expect("a 32-byte key has a DER form")
                .as_bytes(),
        );
        let kid = thumbprint(&key.verifying_key());
        Self {
            name,
            audience,
            key,
            encoding,
            kid,
        }
    }

    /// The private key as PKCS#8 PEM. The caller keeps it in a file that only the issuer's account may read.
    pub fn to_pem(&self) -> String {
        pkcs8(&self.key)
            .to_pkcs8_pem(LineEnding::LF)
            .expect("a 32-byte key has a PEM form")
            .to_string()
    }

    /// The public key, for the verifiers.
    pub fn public_key(&self) -> PublicKey {
        PublicKey {
            kid: self.kid.clone(),
            pem: self.public_pem(),
        }
    }

    /// The public key as SubjectPublicKeyInfo in PEM.
    pub fn public_pem(&self) -> String {
        self.key
            .verifying_key()
            .to_public_key_pem(LineEnding::LF)
            .expect("a public key has a PEM form")
    }

    /// The key's id, as the tokens' header names it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The name that tokens carry as `iss`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The API that tokens are meant for (`aud`).
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// A token that says that `who` may act from `now_s` (seconds since 1970 UTC) for `ttl_s` seconds. The same
    /// arguments give the same token: its id is derived from them, and Ed25519 signatures have no randomness.
    pub fn sign(&self, who: &Principal, now_s: i64, ttl_s: i64) -> String {
        let exp = now_s.saturating_add(ttl_s);
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        let claims = Claims {
            iss: self.name.clone(),
            aud: self.audience.clone(),
            sub: who.subject.clone(),
            iat: now_s,
            nbf: now_s,
            exp,
            jti: token_id(&self.kid, who, now_s, exp),
            vd_role: who.role,
            vd_agency: who.agency.clone(),
            vd_person: who.person.clone(),
        };
        jsonwebtoken::encode(&header, &claims, &self.encoding).expect("plain claims and an Ed25519 key always sign")
    }
}

// Without the public half: some tools refuse PKCS#8 files that carry it, and it follows from the private one.
fn pkcs8(key: &SigningKey) -> KeypairBytes {
    KeypairBytes {
        secret_key: key.to_bytes(),
        public_key: None,
    }
}

fn token_id(kid: &str, who: &Principal, iat: i64, exp: i64) -> String {
    let mut digest = Sha256::new();
    for part in [kid, &who.subject, who.role.as_str(), &who.agency] {
        digest.update(part);
        digest.update([0]);
    }
    digest.update(iat.to_be_bytes());
    digest.update(exp.to_be_bytes());
    hex::encode(&digest.finalize()[..16])
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("name", &self.name)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
