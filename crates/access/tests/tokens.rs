//! What a token must be to be believed.

use access::verifier::{Foreign, SKEW_S, TOKEN_BYTES_MAX};
use access::{Issuer, KeyError, Principal, PublicKey, Role, TokenError, Verifier, bearer};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use serde_json::{Value, json};

const NAME: &str = "https://vinhdanh.example";
const API: &str = "vinhdanh";
const NOW_S: i64 = 1_757_898_000;
const TTL_S: i64 = 600;

fn issuer() -> Issuer {
    Issuer::generate(NAME, API, [7; 32])
}

fn verifier() -> Verifier {
    Verifier::new(NAME, API, vec![issuer().public_key()]).expect("a good key")
}

fn clerk() -> Principal {
    Principal {
        subject: "clerk.so-noi-vu-hung-yen".into(),
        role: Role::Clerk,
        agency: "so-noi-vu-hung-yen".into(),
        person: Some("033085001234".into()),
    }
}

fn foreign(what: Foreign) -> Result<Principal, TokenError> {
    Err(TokenError::Foreign(what))
}

fn claims() -> Value {
    json!({
        "iss": NAME, "aud": API, "sub": "clerk.so-noi-vu-hung-yen", "iat": NOW_S, "nbf": NOW_S, "exp": NOW_S + TTL_S,
        "vd_role": "clerk", "vd_agency": "so-noi-vu-hung-yen",
    })
}

/// A token with this header and these claims, whatever they are, signed with the issuer's key.
fn signed(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_ed_pem(issuer().to_pem().as_bytes()).expect("our own key");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).expect("signs");
    format!("{message}.{signature}")
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt", "kid": issuer().kid()})
}

fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

fn without(mut object: Value, field: &str) -> Value {
    object.as_object_mut().expect("an object").remove(field);
    object
}

fn is_malformed(answer: &Result<Principal, TokenError>) -> bool {
    matches!(answer, Err(TokenError::Malformed(_)))
}

#[test]
fn who_was_signed_is_who_is_verified() {
    let token = issuer().sign(&clerk(), NOW_S, TTL_S);
    assert_eq!(verifier().verify(&token, NOW_S + 1), Ok(clerk()));
    assert_eq!(
        verifier()
            .verify(&signed(&header(), &claims()), NOW_S)
            .map(|who| who.person),
        Ok(None)
    );
}

#[test]
fn the_same_arguments_give_the_same_token_and_others_another() {
    assert_eq!(
        issuer().sign(&clerk(), NOW_S, TTL_S),
        issuer().sign(&clerk(), NOW_S, TTL_S)
    );
    assert_ne!(
        issuer().sign(&clerk(), NOW_S, TTL_S),
        issuer().sign(&clerk(), NOW_S + 1, TTL_S)
    );
}

#[test]
fn an_issuer_survives_its_key_file() {
    let again = Issuer::from_pem(NAME, API, &issuer().to_pem()).expect("our own file");
    assert_eq!(
        (again.kid(), again.public_pem()),
        (issuer().kid(), issuer().public_pem())
    );
    assert_eq!(
        again.sign(&clerk(), NOW_S, TTL_S),
        issuer().sign(&clerk(), NOW_S, TTL_S)
    );
    assert_eq!(PublicKey::from_pem(&again.public_pem()), Ok(again.public_key()));
    assert!(again.to_pem().starts_with("-----BEGIN PRIVATE KEY-----\n"));
}

#[test]
fn an_issuers_debug_text_keeps_the_key_secret() {
    assert!(!format!("{:?}", issuer()).contains('7'.to_string().repeat(2).as_str()));
    assert!(!format!("{:?}", issuer()).contains("PRIVATE"));
}

#[test]
fn keys_that_cannot_be_used_are_refused_when_the_verifier_is_made() {
    assert_eq!(
        Issuer::from_pem(NAME, API, &issuer().public_pem()).err(),
        Some(KeyError::Private)
    );
    let made = |keys| Verifier::new(NAME, API, keys).err();
    let key = issuer().public_key();
    let garbage = PublicKey {
        kid: "k".into(),
        pem: "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----".into(),
    };
    assert_eq!(made(vec![garbage]), Some(KeyError::Public { kid: "k".into() }));
    // The neutral element: a signature of zeros would verify.
    let neutral = [
        &[
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, 0x01,
        ][..],
        &[0; 31],
    ]
    .concat();
    let body = base64::engine::general_purpose::STANDARD.encode(neutral);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
    assert_eq!(
        made(vec![PublicKey { kid: "w".into(), pem }]),
        Some(KeyError::Weak { kid: "w".into() })
    );
    assert_eq!(
        made(vec![key.clone(), key.clone()]),
        Some(KeyError::Twice { kid: key.kid })
    );
}

#[test]
fn while_keys_rotate_both_are_good() {
    let next = Issuer::generate(NAME, API, [8; 32]);
    let both = Verifier::new(NAME, API, vec![issuer().public_key(), next.public_key()]).expect("two keys");
    for issuer in [issuer(), next] {
        assert_eq!(both.verify(&issuer.sign(&clerk(), NOW_S, TTL_S), NOW_S), Ok(clerk()));
    }
}

#[test]
fn a_forged_signature_is_foreign() {
    let token = issuer().sign(&clerk(), NOW_S, TTL_S);
    let (head, rest) = token.split_once('.').expect("three parts");
    let (_, signature) = rest.split_once('.').expect("three parts");
    let leader = URL_SAFE_NO_PAD.encode(with(claims(), "vd_role", json!("leader")).to_string());
    assert_eq!(
        verifier().verify(&format!("{head}.{leader}.{signature}"), NOW_S),
        foreign(Foreign::Signature)
    );

    let stranger = Issuer::generate(NAME, API, [9; 32]);
    assert_eq!(
        verifier().verify(&stranger.sign(&clerk(), NOW_S, TTL_S), NOW_S),
        foreign(Foreign::Key)
    );
    let posing = Header {
        kid: Some(issuer().kid().into()),
        typ: Some("at+jwt".into()),
        ..Header::new(Algorithm::EdDSA)
    };
    let key = EncodingKey::from_ed_pem(stranger.to_pem().as_bytes()).expect("a key");
    let token = jsonwebtoken::encode(&posing, &claims(), &key).expect("signs");
    assert_eq!(verifier().verify(&token, NOW_S), foreign(Foreign::Signature));
}

#[test]
fn no_algorithm_but_ours_is_looked_at() {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for alg in ["none", "None", "NONE", "RS256", "ES256", "eddsa", ""] {
        let token = format!("{}.{}.", part(&with(header(), "alg", json!(alg))), part(&claims()));
        assert_eq!(verifier().verify(&token, NOW_S), foreign(Foreign::Algorithm), "{alg}");
    }
    let unsigned = format!("{}.{}.", part(&header()), part(&claims()));
    assert_eq!(verifier().verify(&unsigned, NOW_S), foreign(Foreign::Signature));
}

#[test]
fn our_public_key_is_nobodys_secret() {
    let public = issuer().public_pem();
    let head = Header {
        kid: Some(issuer().kid().into()),
        typ: Some("at+jwt".into()),
        ..Header::new(Algorithm::HS256)
    };
    for secret in [public.as_bytes(), public.trim().as_bytes()] {
        let token = jsonwebtoken::encode(&head, &claims(), &EncodingKey::from_secret(secret)).expect("signs");
        assert_eq!(verifier().verify(&token, NOW_S), foreign(Foreign::Algorithm));
    }
}

#[test]
fn another_type_of_token_is_no_access_token() {
    for typ in [json!("JWT"), json!("id+jwt"), json!(""), Value::Null] {
        assert_eq!(
            verifier().verify(&signed(&with(header(), "typ", typ), &claims()), NOW_S),
            foreign(Foreign::Type)
        );
    }
    assert_eq!(
        verifier().verify(&signed(&without(header(), "typ"), &claims()), NOW_S),
        foreign(Foreign::Type)
    );
    for typ in ["at+JWT", "application/at+jwt"] {
        assert!(
            verifier()
                .verify(&signed(&with(header(), "typ", json!(typ)), &claims()), NOW_S)
                .is_ok(),
            "{typ}"
        );
    }
}

#[test]
fn a_header_cannot_bring_its_own_key() {
    let stranger = Issuer::generate(NAME, API, [9; 32]);
    let mut head = with(header(), "jku", json!("https://attacker.example/keys"));
    head["x5u"] = json!("https://attacker.example/cert");
    head["jwk"] = json!({"kty": "OKP", "crv": "Ed25519", "x": "not even a key"});
    assert!(
        verifier().verify(&signed(&head, &claims()), NOW_S).is_ok(),
        "ignored, not obeyed"
    );
    let theirs = with(head, "kid", json!(stranger.kid()));
    assert_eq!(
        verifier().verify(&signed(&theirs, &claims()), NOW_S),
        foreign(Foreign::Key)
    );
    assert_eq!(
        verifier().verify(&signed(&without(header(), "kid"), &claims()), NOW_S),
        foreign(Foreign::Key)
    );
    assert!(is_malformed(
        &verifier().verify(&signed(&with(header(), "crit", json!(["b64"])), &claims()), NOW_S)
    ));
}

#[test]
fn another_issuer_or_audience_is_foreign() {
    let sign = |claims: &Value| signed(&header(), claims);
    let elsewhere = json!("https://elsewhere.example");
    assert_eq!(
        verifier().verify(&sign(&with(claims(), "iss", elsewhere)), NOW_S),
        foreign(Foreign::Issuer)
    );
    assert_eq!(
        verifier().verify(&sign(&with(claims(), "aud", json!("payroll"))), NOW_S),
        foreign(Foreign::Audience)
    );
}

#[test]
fn time_is_the_callers_and_forgives_one_minute() {
    let token = issuer().sign(&clerk(), NOW_S, TTL_S);
    let at = |now_s| verifier().verify(&token, now_s).map_err(|error| error.reason());
    assert_eq!(at(NOW_S - SKEW_S), Ok(clerk()));
    assert_eq!(at(NOW_S - SKEW_S - 1), Err("TOKEN_NOT_YET_VALID"));
    assert_eq!(at(NOW_S + TTL_S + SKEW_S - 1), Ok(clerk()));
    assert_eq!(at(NOW_S + TTL_S + SKEW_S), Err("TOKEN_EXPIRED"));
    assert_eq!(at(i64::MAX), Err("TOKEN_EXPIRED"));
    assert_eq!(at(i64::MIN), Err("TOKEN_NOT_YET_VALID"));
}

#[test]
fn a_token_from_the_future_is_not_yet_valid() {
    let early = signed(&header(), &with(claims(), "iat", json!(NOW_S + 3600)));
    assert_eq!(
        verifier().verify(&early, NOW_S).map_err(|error| error.reason()),
        Err("TOKEN_NOT_YET_VALID")
    );
}

#[test]
fn every_claim_is_required_and_of_its_own_type() {
    for claim in ["iss", "aud", "sub", "iat", "nbf", "exp", "vd_role", "vd_agency"] {
        for absent in [
            without(claims(), claim),
            with(claims(), claim, Value::Null),
            with(claims(), claim, json!([])),
        ] {
            assert!(
                is_malformed(&verifier().verify(&signed(&header(), &absent), NOW_S)),
                "{absent}"
            );
        }
    }
    let far = NOW_S + 100_000;
    let wrong = [
        ("exp", json!(far.to_string())),
        ("exp", json!(far as f64 + 0.5)),
        ("exp", json!({"at": far})),
        ("exp", json!(u64::MAX)),
        ("nbf", json!("0")),
        ("sub", json!(7)),
        ("sub", json!("")),
        ("vd_agency", json!("")),
        ("vd_role", json!("Leader")),
        ("vd_role", json!("superuser")),
        ("vd_person", json!(33_085_001_234_u64)),
    ];
    for (claim, value) in wrong {
        let token = signed(&header(), &with(claims(), claim, value.clone()));
        assert!(is_malformed(&verifier().verify(&token, NOW_S)), "{claim} = {value}");
    }
}

#[test]
fn a_claim_given_twice_is_malformed() {
    let text = claims().to_string().replacen('{', r#"{"vd_role":"leader","#, 1);
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header().to_string()),
        URL_SAFE_NO_PAD.encode(text)
    );
    let key = EncodingKey::from_ed_pem(issuer().to_pem().as_bytes()).expect("our own key");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).expect("signs");
    assert!(is_malformed(
        &verifier().verify(&format!("{message}.{signature}"), NOW_S)
    ));
}

#[test]
fn what_is_no_token_is_missing_or_malformed() {
    assert_eq!(verifier().verify("", NOW_S), Err(TokenError::Missing));
    let token = issuer().sign(&clerk(), NOW_S, TTL_S);
    for garbage in [
        "x",
        ".",
        "..",
        "...",
        "a.b.c",
        "🦀.🦀.🦀",
        &token[1..],
        &format!("{token}.x"),
        &format!("{token}="),
    ] {
        assert!(is_malformed(&verifier().verify(garbage, NOW_S)), "{garbage}");
    }
    let oversized = signed(&header(), &with(claims(), "sub", json!("x".repeat(TOKEN_BYTES_MAX))));
    assert!(is_malformed(&verifier().verify(&oversized, NOW_S)));
    assert!(
        token.len() < TOKEN_BYTES_MAX / 4,
        "{} bytes: ours stay far from the limit",
        token.len()
    );
}

#[test]
fn a_bearer_header_is_taken_apart() {
    assert_eq!(bearer(None), Err(TokenError::Missing));
    assert_eq!(bearer(Some("")), Err(TokenError::Missing));
    assert_eq!(bearer(Some("Bearer")), Err(TokenError::Missing));
    assert_eq!(bearer(Some("Bearer a.b.c")), Ok("a.b.c"));
    assert_eq!(bearer(Some("bearer  a.b.c ")), Ok("a.b.c"));
    for other in ["a.b.c", "Basic dXNlcjpwYXNz"] {
        assert!(matches!(bearer(Some(other)), Err(TokenError::Malformed(_))), "{other}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_verifier_panic_or_believe(text in "\\PC{0,200}") {
        prop_assert!(verifier().verify(&text, NOW_S).is_err());
        let _ = bearer(Some(&text));
    }

    #[test]
    fn one_changed_character_is_never_believed_to_be_someone_else(at in 0usize..500, by in "[A-Za-z0-9_.-]") {
        let token = issuer().sign(&clerk(), NOW_S, TTL_S);
        let at = at % token.len();
        let mut changed = token.clone();
        changed.replace_range(at..=at, &by);
        if let Ok(who) = verifier().verify(&changed, NOW_S) {
            prop_assert_eq!(who, clerk());
        }
    }
}
