//! A council as a scenario constitutes it: who sits on it, and its own regulation.

use std::collections::BTreeMap;

use host::entropy::fresh_id;
use proto::council::v1::{Charter, Holder, Regulation, Seat, SetCouncilRequest};

use super::{
    player::{Player, Trouble},
    sessions::subject,
    verbs::{Constitute, OwnRegulation},
};
use crate::client::Client;

impl Player<'_> {
    /// Lays down who sits on a council from a day on.
    pub(super) async fn constitute(&self, act: &Constitute, client: &Client) -> Result<(), Trouble> {
        let now = self.stage.now().await?;
        let from = act.from.map_or(Ok(now), |from| from.from(now))?;
        let request = SetCouncilRequest {
            request_id: fresh_id(),
            agency: act.council.clone(),
            kind: act.kind.clone(),
            charter: Some(Charter {
                from: from.date().to_string(),
                document: act.document.clone(),
                seats: seats(act),
                standing_body: act.standing_body.clone(),
                regulation: act.regulation.as_ref().map(|own| regulation(own, &act.council)),
                ..Charter::default()
            }),
            etag: String::new(),
        };
        client.council().set_council(request).await?;
        Ok(())
    }
}

/// Seats by name, the chair's first.
fn seats(act: &Constitute) -> Vec<Seat> {
    let of = |all: &BTreeMap<String, String>, name: &str| all.get(name).cloned().unwrap_or_default();
    let seat = |name: &String, function: &str| Seat {
        post: String::new(),
        function: function.to_owned(),
        holders: vec![Holder {
            subject: subject(name, &act.council),
            person: of(&act.persons, name),
            heads: of(&act.heads, name),
            ..Holder::default()
        }],
    };
    let chair = act.chair.iter().map(|name| seat(name, "chair"));
    let vice = act.vice_chairs.iter().map(|name| seat(name, "vice-chair"));
    let members = act.members.iter().map(|name| seat(name, "member"));
    let secretary = act.secretary.iter().map(|name| seat(name, "secretary"));
    chair.chain(vice).chain(members).chain(secretary).collect()
}

fn regulation(own: &OwnRegulation, council: &str) -> Regulation {
    let (quorum, threshold) = (own.quorum, own.threshold);
    Regulation {
        document: own.document.clone(),
        quorum_num: quorum.map_or(0, |share| share.num),
        quorum_den: quorum.map_or(0, |share| share.den),
        threshold_num: threshold.map_or(0, |share| share.num),
        threshold_den: threshold.map_or(0, |share| share.den),
        base: own.base.clone(),
        recused_leave_base: own.recused_leave_base,
        ballot: own.ballot.clone(),
        no_writing: own.no_writing,
        ballots_may_change: own.ballots_may_change,
        heads_recused: own.heads_recused,
        stand_in: if own.stand_in.is_empty() {
            String::new()
        } else {
            subject(&own.stand_in, council)
        },
    }
}
