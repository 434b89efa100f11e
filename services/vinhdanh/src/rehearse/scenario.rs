//! A scenario file as typed steps. Nothing starts before the whole file has been understood.
//!
//! Parsing is strict: an unknown verb or field, two verbs in one step, a missing actor, an id that was never submitted
//! are told with file, step and line, because a training case that silently skips a word teaches the wrong thing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use access::Role;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use time::OffsetDateTime;

use super::{dossier::DossierFile, expect::Expect, submit::Submit, values::Channel, verbs::Verb};

/// The format that this version plays.
pub const FORMAT: &str = "vinhdanh.scenario/1";

/// Why a file is no scenario: what is wrong, where, and what would be right.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {what}")]
pub struct NotAScenario {
    file: String,
    what: String,
}

/// A case written down.
#[derive(Debug)]
pub struct Scenario {
    /// Where it came from.
    pub file: PathBuf,
    /// What the case is about.
    pub title: String,
    /// The simulated now at its start.
    pub clock: OffsetDateTime,
    /// Who does what, and what must come of it.
    pub steps: Vec<Step>,
    /// The dossier files that it names, by the path as written.
    pub dossiers: BTreeMap<String, DossierFile>,
}

/// One verb, and beside it who acts and what must come of it.
#[derive(Debug)]
pub struct Step {
    /// What is done.
    pub verb: Verb,
    /// Who does it; `None` only where the verb says itself who acts.
    pub actor: Option<Actor>,
    /// The step must fail, with this gRPC code or this ErrorInfo reason.
    pub refused: Option<String>,
    /// For the reader.
    pub note: Option<String>,
}

/// `[NAME=]ROLE@AGENCY`: one person in one role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    /// One of several of that role; the role's own word if none is named.
    pub name: String,
    /// The hat worn in this step.
    pub role: Role,
    /// Code of the agency.
    pub agency: String,
}

impl Actor {
    /// The actor whose name is the role's own word.
    pub fn of(role: Role, agency: &str) -> Self {
        Self {
            name: role.as_str().to_owned(),
            role,
            agency: agency.to_owned(),
        }
    }

    /// Stable id of the person.
    pub fn subject(&self) -> String {
        format!("{}@{}", self.name, self.agency)
    }

    /// Nominees are bound to a person instead of an agency. `NAME=nominee@AGENCY` is the candidate of that number, and
    /// `nominee@AGENCY` the one of that agency whose dossier gives no number.
    pub fn person(&self) -> Option<String> {
        let named = self.name != Role::Nominee.as_str();
        (self.role == Role::Nominee).then(|| if named { self.name.clone() } else { self.subject() })
    }
}

/// Somebody who is named in a step: as an actor is, or by NAME alone for one of the acting person's role and agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague(Result<Actor, String>);

impl Colleague {
    /// Who is meant by a person who acts.
    pub fn beside(&self, actor: &Actor) -> Actor {
        match &self.0 {
            Ok(named) => named.clone(),
            Err(name) => Actor {
                name: name.clone(),
                ..actor.clone()
            },
        }
    }
}

impl fmt::Display for Colleague {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(named) => named.fmt(f),
            Err(name) => f.write_str(name),
        }
    }
}

impl<'de> Deserialize<'de> for Colleague {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.contains(['@', '=', ' ']) || text.is_empty() {
            text.parse().map(|named| Self(Ok(named))).map_err(D::Error::custom)
        } else {
            Ok(Self(Err(text)))
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name != self.role.as_str() {
            write!(f, "{}=", self.name)?;
        }
        write!(f, "{}@{}", self.role, self.agency)
    }
}

impl FromStr for Actor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || format!("`{text}` does not say who acts: write ROLE@AGENCY or NAME=ROLE@AGENCY");
        let (name, post) = match text.split_once('=') {
            Some((name, post)) => (Some(name), post),
            None => (None, text),
        };
        let (role, agency) = post.split_once('@').ok_or_else(shape)?;
        if agency.is_empty() || agency.contains(['@', ' ']) || name.is_some_and(str::is_empty) {
            return Err(shape());
        }
        let role: Role = role
            .parse()
            .map_err(|unknown: access::UnknownWord| unknown.to_string())?;
        if role == Role::Service {
            return Err("a service is no person: a rehearsal acts for people".to_owned());
        }
        Ok(Self {
            name: name.unwrap_or(role.as_str()).to_owned(),
            role,
            agency: agency.to_owned(),
        })
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: String,
    title: String,
    clock: String,
    steps: Vec<Step>,
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StepVisitor)
    }
}

struct StepVisitor;

impl<'de> Visitor<'de> for StepVisitor {
    type Value = Step;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a step: one verb, and beside it `as`, `refused` and `note`")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Step, M::Error> {
        let (mut verb, mut actor, mut refused, mut note) = (None::<(String, Verb)>, None, None::<String>, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "as" => once(&mut actor, "as", map.next_value()?)?,
                "refused" => once(&mut refused, "refused", map.next_value()?)?,
                "note" => once(&mut note, "note", map.next_value()?)?,
                word => {
                    if let Some((first, _)) = &verb {
                        return Err(M::Error::custom(format!(
                            "two verbs in one step, `{first}` and `{word}`: make them two steps"
                        )));
                    }
                    let read = Verb::read(word, &mut map)?;
                    verb = Some((key, read));
                }
            }
        }
        let (word, verb) = verb.ok_or_else(|| M::Error::custom("a step without a verb"))?;
        if verb.needs_actor() && actor.is_none() {
            return Err(M::Error::custom(format!("`{word}` needs `as: ROLE@AGENCY`: who acts?")));
        }
        if let Some(code) = &refused {
            if !code
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            {
                return Err(M::Error::custom(format!(
                    "`refused: {code}`: write a code such as PERMISSION_DENIED"
                )));
            }
            if !verb.can_be_refused() {
                return Err(M::Error::custom(format!(
                    "`{word}` asks nobody, so nobody can refuse it"
                )));
            }
        }
        Ok(Step {
            verb,
            actor,
            refused,
            note,
        })
    }
}

fn once<T, E: serde::de::Error>(slot: &mut Option<T>, key: &'static str, value: T) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(key)),
    }
}

impl Scenario {
    /// Reads a file and all dossier files that it names.
    pub fn read(file: &Path) -> Result<Self, NotAScenario> {
        let fail = |what: String| NotAScenario {
            file: file.display().to_string(),
            what,
        };
        let text = std::fs::read_to_string(file).map_err(|error| fail(format!("cannot be read: {error}")))?;
        let mut scenario = Self::parse(file, &text)?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let mut dossiers = BTreeMap::new();
        for (number, step) in (1..).zip(&scenario.steps) {
            for written in step.verb.dossier_files() {
                let read = DossierFile::read(&folder.join(written))
                    .map_err(|error| fail(format!("step {number}: dossier file {written}: {error}")))?;
                dossiers.insert(written.to_owned(), read);
            }
        }
        scenario.dossiers = dossiers;
        Ok(scenario)
    }

    /// Whether somebody in it is told by e-mail, so that a mail server is needed.
    pub fn subscribes_by_email(&self) -> bool {
        let by_email = |verb: &Verb| matches!(verb, Verb::Subscribe(act) if act.channel == Channel::Email);
        self.steps.iter().any(|step| by_email(&step.verb))
    }

    /// Understands a text; `file` is for messages. Dossier files are not read.
    pub fn parse(file: &Path, text: &str) -> Result<Self, NotAScenario> {
        let fail = |what: String| NotAScenario {
            file: file.display().to_string(),
            what,
        };
        let parsed: File = serde_yaml_ng::from_str(text).map_err(|error| fail(located(&error.to_string())))?;
        if parsed.scenario != FORMAT {
            return Err(fail(format!(
                "`scenario: {}` is not known; this version plays {FORMAT}",
                parsed.scenario
            )));
        }
        let clock =
            OffsetDateTime::parse(&parsed.clock, &time::format_description::well_known::Rfc3339).map_err(|_| {
                fail(format!(
                    "`clock: {}` is no instant: write 2025-09-15T08:00:00+07:00",
                    parsed.clock
                ))
            })?;
        check_story(&parsed.steps).map_err(fail)?;
        Ok(Self {
            file: file.to_owned(),
            title: parsed.title,
            clock,
            steps: parsed.steps,
            dossiers: BTreeMap::new(),
        })
    }
}

/// What can only be seen over several steps: ids.
fn check_story(steps: &[Step]) -> Result<(), String> {
    let mut submitted = BTreeSet::new();
    let mut checked = false;
    for (number, step) in (1..).zip(steps) {
        match &step.verb {
            Verb::Submit(submit) => check_submit(submit, step.refused.is_some(), &mut submitted)
                .map_err(|what| format!("step {number}: {what}"))?,
            Verb::Check(_) => checked = true,
            Verb::Expect(Expect::Check(_)) if !checked => {
                return Err(format!(
                    "step {number}: no `check` came before, so name the `dossier` that is expected"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_submit(submit: &Submit, refused: bool, submitted: &mut BTreeSet<String>) -> Result<(), String> {
    for item in submit.items() {
        match (submitted.contains(&item.id), item.dossier.is_some()) {
            (true, true) => {
                return Err(format!(
                    "{0} is in use; to submit it anew after a recall leave out `dossier`",
                    item.id
                ));
            }
            (false, false) => return Err(format!("{0} was never submitted: name its file in `dossier`", item.id)),
            _ => {}
        }
        if !refused {
            submitted.insert(item.id.clone());
        }
    }
    Ok(())
}

/// `steps[4].sign: …` counts from 0; people count steps from 1.
fn located(message: &str) -> String {
    let Some((index, rest)) = message.strip_prefix("steps[").and_then(|rest| rest.split_once(']')) else {
        return message.to_owned();
    };
    let Ok(index) = index.parse::<usize>() else {
        return message.to_owned();
    };
    format!("step {}: {}", index + 1, rest.trim_start_matches([':', '.', ' ']))
}

#[cfg(test)]
mod tests;
