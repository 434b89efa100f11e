//! What stands in the fields of verbs: lists, opinions, answers. What cannot be meant is refused while it is read.

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::client::SERVICES;

/// A list of ids or words that is not empty.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Ids(pub Vec<String>);

impl TryFrom<Vec<String>> for Ids {
    type Error = &'static str;

    fn try_from(ids: Vec<String>) -> Result<Self, Self::Error> {
        if ids.is_empty() {
            Err("an empty list does nothing: name at least one")
        } else {
            Ok(Self(ids))
        }
    }
}

/// Members of a council: how many, or who.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a number of members, or a list of their names")]
pub enum Members {
    /// m1…mN.
    Count(u32),
    /// By name; the first presides.
    Names(Vec<String>),
}

impl Members {
    /// Their names; the first presides.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Count(count) => (1..=*count).map(|number| format!("m{number}")).collect(),
            Self::Names(names) => names.clone(),
        }
    }
}

/// A share, written as `2/3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Share {
    pub num: u32,
    pub den: u32,
}

impl TryFrom<String> for Share {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split_once('/');
        let share = parts.and_then(|(num, den)| Some((num.trim().parse().ok()?, den.trim().parse().ok()?)));
        match share {
            Some((num, den)) if den > 0 => Ok(Self { num, den }),
            _ => Err(format!("`{text}` is no share: write `2/3`")),
        }
    }
}

/// The standing body's opinion.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opinion {
    Meets,
    DoesNotMeet,
}

/// Another agency's opinion.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    Agree,
    Disagree,
}

/// One agency, or a list of them.
#[derive(Debug)]
pub struct Agencies(pub Vec<String>);

impl<'de> Deserialize<'de> for Agencies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected the code of an agency, or a list of them")]
        enum Either {
            One(String),
            Many(Vec<String>),
        }
        match Either::deserialize(deserializer)? {
            Either::One(one) => Ok(Self(vec![one])),
            Either::Many(many) if many.is_empty() => Err(D::Error::custom("ask at least one agency")),
            Either::Many(many) => Ok(Self(many)),
        }
    }
}

/// What the authority decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Award,
    Refuse,
}

/// How a subscriber is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    Stream,
    Webhook,
    Email,
}

/// What happens to the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disturbance {
    /// It forgets everything.
    Lose,
    /// It is away.
    Down,
    /// It is back.
    Up,
}

/// How a receiver answers one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With this HTTP status, or what it means for e-mail: see [`super::mailboxes`].
    Status(u16),
    /// Never: until the caller gives up.
    Timeout,
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        match word.parse() {
            _ if word == "timeout" => Ok(Self::Timeout),
            Ok(status @ 200..600) => Ok(Self::Status(status)),
            _ => Err(D::Error::custom(format!(
                "`{word}` is no answer: write an HTTP status or `timeout`"
            ))),
        }
    }
}

/// Services to restart.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Ids")]
pub struct Services(pub Vec<String>);

impl TryFrom<Ids> for Services {
    type Error = String;

    fn try_from(ids: Ids) -> Result<Self, String> {
        match ids.0.iter().find(|name| !SERVICES.contains(&name.as_str())) {
            Some(name) => Err(format!(
                "no service is called {name}; there are {}",
                SERVICES.join(", ")
            )),
            None => Ok(Self(ids.0)),
        }
    }
}

/// The path of a dossier file whose eligibility is checked.
#[derive(Debug)]
pub struct Check(pub String);

impl<'de> Deserialize<'de> for Check {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, deny_unknown_fields, expecting = "expected the path of a dossier file")]
        enum Either {
            Path(String),
            Fields { dossier: String },
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Path(path) | Either::Fields { dossier: path } => Self(path),
        })
    }
}
