//! Histories stepped again through today's machines: what each step asked for (events, timers, claims), and where
//! machine and record part.

use host::{Aggregate, Published};
use journal::Key;
use machine::{Effect, Snapshot, Timestamp, Untaken, Waiting, outcome, retake};

use crate::stores::{self, Accepted};

/// What one step asked for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) events: Vec<Published>,
    /// Set to a time, or cleared.
    pub(crate) timers: Vec<(String, Option<Timestamp>)>,
    /// Claimed, or released.
    pub(crate) claims: Vec<(String, bool)>,
}

/// Why a history does not come out as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    /// The machine refuses the step: its reason.
    Refused(String),
    /// The machine comes out elsewhere.
    Elsewhere(String),
}

/// A history, stepped again.
#[derive(Debug, Default)]
pub(crate) struct Stepped {
    /// What each row asked for, as far as it goes.
    pub(crate) asked: Vec<Asked>,
    /// The version where it parts from the record, and how.
    pub(crate) parting: Option<(u64, Parting)>,
    /// The last snapshot, if it does not part.
    pub(crate) end: Option<End>,
}

/// How a history ends.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) snapshot: Vec<u8>,
    /// The timer that it waits for.
    pub(crate) awaits: Option<&'static str>,
}

/// Steps the history of an aggregate; `None` if no machine of the house has that name.
pub(crate) fn again(key: &Key, aggregate: &stores::Aggregate) -> Option<Stepped> {
    macro_rules! machines {
        ($($machine:ty)*) => {
            $(if key.kind == <$machine as machine::Machine>::NAME {
                return Some(stepped::<$machine>(&aggregate.rows));
            })*
        };
    }
    machines! {
        directory::machine::Listing
        directory::machine::local_award::OwnAward
        directory::machine::days::Days
        directory::machine::delegation::Delegation
        intake::machine::Dossier
        intake::machine::Base
        approval::machine::Course
        approval::machine::Letter
        approval::machine::Decision
        approval::machine::OfficeCalendar
        approval::machine::PaperAward
        approval::machine::Bulk
        approval::machine::Numbering
        council::machine::Council
        council::machine::Agenda
        council::machine::Docket
        council::machine::Review
        council::machine::Session
        notification::machine::subscription::Subscription
        notification::machine::delivery::Delivery
        notification::machine::roll::Roll
        host::grants::Grants
    }
    None
}

fn stepped<M: Aggregate>(rows: &[Accepted]) -> Stepped {
    let mut all = Stepped::default();
    let mut at = Snapshot::<M>::default();
    let mut version = rows.first().map_or(M::VERSION, |row| row.machine_version);
    for row in rows {
        match one::<M>(version, at, row) {
            Ok((next, asked)) => {
                (version, at) = (row.machine_version, next);
                all.asked.push(asked);
            }
            Err(parting) => {
                all.parting = Some((row.version, parting));
                return all;
            }
        }
    }
    let awaits = match at.waiting() {
        Waiting::Timer(name) => Some(name),
        _ => None,
    };
    all.end = Some(End {
        snapshot: at.encode(),
        awaits,
    });
    all
}

fn one<M: Aggregate>(before: u32, at: Snapshot<M>, row: &Accepted) -> Result<(Snapshot<M>, Asked), Parting> {
    let elsewhere = |what: String| Parting::Elsewhere(what);
    let by = (row.by.clone(), row.at);
    let stepped = retake(before, at, row.machine_version, &row.input, by).map_err(|why| match why {
        Untaken::Unknown => elsewhere(format!(
            "it is of machine version {} after {before}, and there are 1 to {}",
            row.machine_version,
            M::VERSION
        )),
        Untaken::Unreadable(error) => elsewhere(format!("its input: {error}")),
        Untaken::Refused(refusal) => Parting::Refused(refusal.to_string()),
    })?;
    if outcome(&stepped).as_slice() != row.outcome {
        let state = stepped.next.state_name();
        return Err(elsewhere(format!(
            "{state} with other content or effects than the {} recorded",
            row.state
        )));
    }
    let mut asked = Asked::default();
    for effect in stepped.effects {
        match effect {
            Effect::Publish(event) => asked.events.push(M::published(&event)),
            Effect::SetTimer { name, due } => asked.timers.push((name, Some(due))),
            Effect::ClearTimer { name } => asked.timers.push((name, None)),
            Effect::Claim(claim) => asked.claims.push((claim, true)),
            Effect::Release(claim) => asked.claims.push((claim, false)),
        }
    }
    Ok((stepped.next, asked))
}

#[cfg(test)]
mod tests {
    use host::Service;

    use super::*;

    #[test]
    fn every_machine_of_the_house_is_known_here() {
        let intake = intake::Intake {
            attachment_bytes_max: 0,
        };
        let notification = notification::Notification::new(notification::NotificationConfig::default());
        let services: [&dyn Service; 5] = [
            &directory::Directory,
            &intake,
            &approval::Approval,
            &council::Council,
            &notification,
        ];
        for machine in services
            .iter()
            .flat_map(|service| service.replayers())
            .map(|one| one.machine)
        {
            let known = again(&Key::new(machine, "x"), &stores::Aggregate::default());
            assert!(
                known.is_some(),
                "{machine} is missing from the list of machines in this room"
            );
        }
    }
}
