//! What approval tells → inputs of a dossier.

use bus::Envelope;
use host::{Fault, Unit};
use journal::Key;
use machine::Machine as _;
use proto::approval::v1::{Event, event::Fact};

use crate::machine::{Dossier, Input, State, Told};

/// `approval.course/<dossier>`.
fn dossier_of(event: &Envelope) -> &str {
    event.aggregate.split_once('/').map_or("", |(_, id)| id)
}

pub(crate) fn touches(event: &Envelope) -> Vec<Key> {
    vec![Key::new(Dossier::NAME, dossier_of(event))]
}

pub(crate) fn react(event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
    let body: Event = prost::Message::decode(event.body.as_slice())
        .map_err(|e| Fault::refused("INVALID_REQUEST", format!("event {} of approval: {e}", event.id)))?;
    let id = body.dossier.as_str();
    let Some(dossier) = unit.get::<Dossier>(id)? else {
        return Ok(());
    };
    let told = match &body.fact {
        Some(Fact::Opened(_)) => Told::Opened,
        Some(Fact::Returned(_)) => Told::Returned,
        Some(Fact::Suspended(_)) => Told::Suspended,
        Some(Fact::Resumed(_)) => match dossier.state {
            State::Suspended { returned: true } => Told::ResumedReturned,
            _ => Told::Resumed,
        },
        Some(Fact::Recalled(recalled)) if recalled.to_draft => Told::Recalled,
        Some(Fact::Withdrawn(_)) => Told::Withdrawn,
        Some(Fact::Awarded(_)) => Told::Awarded,
        Some(Fact::Refused(_)) => Told::Refused,
        _ => return Ok(()),
    };
    match unit.step::<Dossier>(id, Input::Follow { told }) {
        // A draft that was thrown away, or an end that was told before, does not follow any more.
        Ok(_) | Err(Fault::Refused { .. }) => Ok(()),
        Err(fault) => Err(fault),
    }
}
