//! Who may act for whom in one agency, as the directory told it: an aggregate of every service, so that whoever decides
//! by it decides on a version that the commit checks. A mandate that is taken back meanwhile makes the decision be made
//! anew.

use std::collections::BTreeMap;

use access::{Cause, Mandate, Principal, Request, Substitute};
use journal::Write;
use law::Date;
use machine::{Cx, Machine, OnBehalf, Snapshot, Stimulus, Timestamp, Waiting};
use proto::directory::v1::{Delegation, Post};
use serde::{Deserialize, Serialize};

use crate::{Aggregate, Fault, Published, Unit, replica::date};

/// The mandates of one agency that have not passed, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    mandates: BTreeMap<String, Mandate>,
}

/// States of a replica: it has none, what is known stands in its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// As the directory told it last.
    Told,
}

/// What the directory tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// A mandate holds.
    Granted {
        /// Which.
        mandate: Box<Mandate>,
        /// Today in Viet Nam: what has passed is forgotten.
        today: Date,
    },
    /// A mandate was taken back.
    Ended {
        /// Its id.
        mandate: String,
    },
}

/// A replica tells nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Nothing {}

impl Machine for Grants {
    const NAME: &'static str = "host.grants";
    const VERSION: u32 = 1;
    type State = State;
    type Input = Input;
    type Event = Nothing;

    fn initial() -> State {
        State::Told
    }

    // Every input is taken: the directory has decided, here it is only known.
    fn dispatch(&mut self, _: &mut State, on: &Stimulus<Input>, _: &mut Cx<Nothing>) -> bool {
        match &on.input {
            Input::Granted { mandate, today } => {
                self.mandates.retain(|_, known| known.last >= *today);
                self.mandates.insert(mandate.id.clone(), (**mandate).clone());
            }
            Input::Ended { mandate } => {
                self.mandates.remove(mandate);
            }
        }
        true
    }

    fn waiting(&self, _: &State) -> Waiting {
        Waiting::Final
    }
}

impl Aggregate for Grants {
    fn project(_: &str, _: u64, _: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        Vec::new()
    }

    fn published(event: &Nothing) -> Published {
        match *event {}
    }
}

/// Lets the asker act by their own right, or in the place of somebody who gave them a mandate: the steps that follow in
/// this unit are recorded under both names.
pub fn decide(unit: &mut Unit, request: &Request<'_>) -> Result<Option<Mandate>, Fault> {
    unit.act_for(None);
    let denied = match access::decide(request) {
        Ok(()) => return Ok(None),
        Err(denied) => denied,
    };
    if denied.cause() == Cause::OwnDossier || !access::delegable(request.act) {
        return Err(denied.into());
    }
    let today = unit.today();
    let Some(grants) = unit.get::<Grants>(&request.who.agency)? else {
        return Err(denied.into());
    };
    let mandate = access::decide_under(request, grants.data.mandates.values(), today)?.cloned();
    unit.act_for(mandate.as_ref().map(|mandate| OnBehalf {
        id: mandate.from.subject.clone(),
        role: mandate.from.role.as_str().to_owned(),
        mandate: mandate.id.clone(),
    }));
    Ok(mandate)
}

/// Takes what an event told of.
pub(crate) fn learn(unit: &mut Unit, agency: &str, input: Input) -> Result<(), Fault> {
    unit.step::<Grants>(agency, input).map(|_| ())
}

/// A mandate from its message. INVALID_ARGUMENT names the field.
pub fn mandate_from_proto(message: &Delegation) -> Result<Mandate, Fault> {
    let (from, to) = (
        post("delegator", message.delegator.as_ref())?,
        post("substitute", message.substitute.as_ref())?,
    );
    let acts = message.acts.iter().map(|act| {
        act.parse()
            .map_err(|e: access::UnknownWord| Fault::field("INVALID_REQUEST", "acts", e.to_string()))
    });
    let day = |field: &str, text: &str| {
        date(field, text)?.ok_or_else(|| Fault::field("INVALID_REQUEST", field, "a day is required"))
    };
    Ok(Mandate {
        id: message.delegation.clone(),
        acts: acts.collect::<Result<_, _>>()?,
        first: day("from", &message.from)?,
        last: day("to", &message.to)?,
        to: Substitute {
            subject: to.subject,
            role: to.role,
        },
        from,
    })
}

/// Somebody in a role, from their message. INVALID_ARGUMENT names the field.
pub fn post(field: &str, post: Option<&Post>) -> Result<Principal, Fault> {
    let post = post.ok_or_else(|| Fault::field("INVALID_REQUEST", field, "who is required"))?;
    let role = post
        .role
        .parse()
        .map_err(|e: access::UnknownWord| Fault::field("INVALID_REQUEST", format!("{field}.role"), e.to_string()))?;
    Ok(Principal {
        subject: post.subject.clone(),
        role,
        agency: post.agency.clone(),
        person: (!post.person.is_empty()).then(|| post.person.clone()),
    })
}

/// A mandate as a message; the giver's number goes to services, not to people.
pub fn mandate_to_proto(mandate: &Mandate, to_services: bool) -> Delegation {
    let person = mandate.from.person.clone().filter(|_| to_services);
    Delegation {
        delegation: mandate.id.clone(),
        agency: mandate.from.agency.clone(),
        delegator: Some(Post {
            subject: mandate.from.subject.clone(),
            role: mandate.from.role.as_str().to_owned(),
            agency: mandate.from.agency.clone(),
            person: person.unwrap_or_default(),
        }),
        substitute: Some(Post {
            subject: mandate.to.subject.clone(),
            role: mandate.to.role.as_str().to_owned(),
            agency: mandate.from.agency.clone(),
            person: String::new(),
        }),
        acts: mandate.acts.iter().map(|act| act.as_str().to_owned()).collect(),
        from: mandate.first.to_string(),
        to: mandate.last.to_string(),
        ..Delegation::default()
    }
}
