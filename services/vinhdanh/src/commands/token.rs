//! `vinhdanh token`, and tokens that other commands make for themselves from the local system's key.

use std::path::{Path, PathBuf};

use access::{Issuer, Principal, Role};
use anyhow::{Context, bail};
use clap::Args;
use host::{clock::Clock, config::Settings};
use serde_json::json;

use crate::output::Output;

/// Who acts: `[NAME=]ROLE@AGENCY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    name: String,
    role: Role,
    agency: String,
}

impl std::str::FromStr for Actor {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (name, post) = text
            .split_once('=')
            .map_or((None, text), |(name, post)| (Some(name), post));
        let Some((role, agency)) = post.split_once('@') else {
            bail!("expected [NAME=]ROLE@AGENCY, e.g. officer@tinh-hung-yen");
        };
        let plain = |part: &str| !part.is_empty() && !part.contains(['@', '=']) && !part.contains(char::is_whitespace);
        if !plain(agency) || !name.is_none_or(plain) {
            bail!("expected [NAME=]ROLE@AGENCY, e.g. m1=member@tinh-hung-yen");
        }
        let role: Role = role.parse()?;
        if role == Role::Service {
            bail!("a service is no person: nobody acts as one");
        }
        Ok(Self {
            name: name.unwrap_or(role.as_str()).to_owned(),
            role,
            agency: agency.to_owned(),
        })
    }
}

impl Actor {
    /// ROLE@AGENCY.
    pub fn post(&self) -> String {
        format!("{}@{}", self.role, self.agency)
    }

    /// What a token says about the actor. A nominee is bound to a person: to `person`, else to their own name.
    pub fn principal(&self, person: Option<String>) -> Principal {
        Principal {
            subject: format!("{}@{}", self.name, self.agency),
            role: self.role,
            agency: self.agency.clone(),
            person: person.or_else(|| (self.role == Role::Nominee).then(|| self.name.clone())),
        }
    }
}

/// Signs a token that lives for `ttl_s` seconds, with the key of the local system in `data`.
pub fn mint(data: &Path, who: &Principal, ttl_s: i64) -> anyhow::Result<String> {
    let file = data.join("issuer.pem");
    let pem = std::fs::read_to_string(&file).with_context(|| {
        format!(
            "không đọc được khóa {0}: hãy chạy hệ thống một lần (vinhdanh start --data {1}), hoặc xem --data\n  \
             no key at {0}: start the system once (vinhdanh start --data {1}), or look at --data",
            file.display(),
            data.display()
        )
    })?;
    let settings = Settings::default();
    let issuer = Issuer::from_pem(settings.issuer, settings.audience, &pem)
        .with_context(|| format!("{} holds no key", file.display()))?;
    Ok(issuer.sign(who, Clock::System.now().0 / 1_000_000, ttl_s))
}

/// Prints a token of the local system.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Cho ai. For whom; NAME is the role's own word if it is left out.
    #[arg(long = "as", value_name = "[NAME=]ROLE@AGENCY")]
    acting: Actor,
    /// Số định danh. The personal number; for a nominee it defaults to NAME.
    #[arg(long, value_name = "NUMBER")]
    person: Option<String>,
    /// Có hiệu lực bao lâu. How long it is valid: 45s, 30m, 8h, 2d.
    #[arg(long, default_value = "8h", value_parser = seconds)]
    ttl: i64,
    /// Thư mục dữ liệu của hệ thống tại chỗ. The folder of the local system.
    #[arg(long, env = "VINHDANH_DATA", value_name = "DIR", default_value = "vinhdanh-data")]
    data: PathBuf,
    /// In ra JSON. Print JSON.
    #[arg(long)]
    pub json: bool,
}

impl TokenArgs {
    /// Prints it.
    pub fn run(self, output: Output) -> anyhow::Result<u8> {
        let who = self.acting.principal(self.person);
        let token = mint(&self.data, &who, self.ttl)?;
        output.result(
            &json!({"token": token, "subject": who.subject, "ttl_s": self.ttl}),
            || token.clone(),
        );
        Ok(0)
    }
}

fn seconds(text: &str) -> anyhow::Result<i64> {
    let shape = "expected a span like 45s, 30m, 8h or 2d";
    let unit = match text.chars().last().context(shape)? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => bail!(shape),
    };
    let count: i64 = text[..text.len() - 1].parse().context(shape)?;
    match count.checked_mul(unit) {
        Some(span) if span > 0 => Ok(span),
        _ => bail!(shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_has_a_name_a_role_and_an_agency() {
        let officer: Actor = "officer@tinh-hung-yen".parse().expect("an actor");
        assert_eq!(officer.principal(None).subject, "officer@tinh-hung-yen");
        let member: Actor = "m1=member@tinh-hung-yen".parse().expect("an actor");
        assert_eq!(member.principal(Some("07".into())).person.as_deref(), Some("07"));
        assert_eq!(member.principal(None).subject, "m1@tinh-hung-yen");
        let nominee: Actor = "a1=nominee@x".parse().expect("an actor");
        assert_eq!(nominee.principal(None).person.as_deref(), Some("a1"));
        for bad in [
            "officer",
            "boss@x",
            "=officer@x",
            "officer@",
            "a b=officer@x",
            "a@b=officer@x",
            "service@x",
        ] {
            assert!(bad.parse::<Actor>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_span_has_a_unit() {
        assert_eq!(seconds("8h").expect("a span"), 28_800);
        assert_eq!(seconds("2d").expect("a span"), 172_800);
        for bad in ["", "8", "h", "-1h", "0s", "8 h", "8ngày"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_token_needs_the_key_of_a_started_system() {
        let folder = tempfile::tempdir().expect("a folder");
        let who = "officer@x".parse::<Actor>().expect("an actor").principal(None);
        let error = mint(folder.path(), &who, 60).expect_err("no key");
        assert!(error.to_string().contains("vinhdanh start"), "{error}");
        let pem = Issuer::generate("vinhdanh-local", "vinhdanh", [7; 32]).to_pem();
        std::fs::write(folder.path().join("issuer.pem"), pem).expect("a file");
        assert_eq!(mint(folder.path(), &who, 60).expect("a token").split('.').count(), 3);
    }
}
