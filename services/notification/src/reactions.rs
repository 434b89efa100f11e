//! Bus event → command: a fact that meets an active subscription becomes a delivery, in the same commit that marks the
//! event as applied. So there is exactly one for each event and subscription, whatever is delivered twice.

use bus::Envelope;
use host::{Fault, Unit};
use journal::Key;
use machine::{Machine as _, Timestamp};

use crate::{
    facts::Happening,
    machine::{
        delivery::{Delivery, Input},
        roll::{ROLL, Roll},
    },
    shared::{Active, Shared},
};

fn delivery_id(subscription: &str, event: &Envelope) -> String {
    format!("{subscription}.{}", event.id)
}

/// The roll, and the deliveries that an event will make.
pub(crate) fn touches(shared: &Shared, event: &Envelope) -> Vec<Key> {
    let Ok(Some(happening)) = Happening::read(event) else {
        return Vec::new();
    };
    let census = shared.census();
    let told = census.active.iter().filter(|active| happening.matches(&active.filter));
    let deliveries = told.map(|active| Key::new(Delivery::NAME, delivery_id(&active.id, event)));
    std::iter::once(Key::new(Roll::NAME, ROLL)).chain(deliveries).collect()
}

/// Makes the deliveries. A census that is not of the roll's present version is transient: it is read anew, and the
/// event comes again. The commit guards the roll, so that a subscription which is made or ended meanwhile counts.
pub(crate) fn react(shared: &Shared, event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
    let Some(happening) = Happening::read(event)? else {
        return Ok(());
    };
    let roll = unit.version::<Roll>(ROLL)?;
    let census = shared.census();
    if census.roll != roll {
        shared.outdated.notify_one();
        return Err(Fault::Contended);
    }
    let mut made = false;
    for Active {
        id: subscription,
        owner,
        channel,
        filter,
    } in &census.active
    {
        if !happening.matches(filter) {
            continue;
        }
        let id = delivery_id(subscription, event);
        if unit.get::<Delivery>(&id)?.is_some() {
            continue;
        }
        let create = Input::Create {
            id: id.clone(),
            subscription: subscription.clone(),
            owner: owner.clone(),
            channel: *channel,
            notice: happening.notice(Timestamp(event.at)),
            position: event.position,
        };
        unit.step::<Delivery>(&id, create)?;
        made = true;
    }
    if made {
        shared.ring();
    }
    Ok(())
}
