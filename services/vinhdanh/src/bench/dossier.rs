//! The unit of work: one Hero title from a ward through its province to the State, with a council at each.

use access::Role;
use anyhow::Context;
use law::{Agencies, DossierFile, Law, Route, Station};
use proto::council::v1::Choice;
use serde_json::json;
use time::{Date, macros::date};

use crate::{
    drive::{Act, member, members},
    rehearse::scenario::Actor,
};

/// The day on which all dossiers are handed in: a Monday, under the rules since 2025-07-01.
pub const DAY: Date = date!(2025 - 08 - 04);
/// Directly under a province, so that the way has a unit, a province and the State.
pub const UNIT: &str = "phuong-hoan-kiem";

/// One act of one official.
#[derive(Clone, Debug)]
pub struct Line {
    /// Who acts.
    pub actor: Actor,
    /// What they do.
    pub act: Act,
}

/// All acts on a dossier, before and after its publication.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Until its names are published.
    pub before: Vec<Line>,
    /// From the province's council on.
    pub after: Vec<Line>,
}

impl Script {
    /// How many transitions it has; each is one call.
    pub fn len(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// The acts on the dossier of this number.
    pub fn of(number: usize, route: &Route) -> Self {
        Self::on(file(number), UNIT, number, route)
    }

    /// The acts on a dossier that a unit sends this way, all of it before the publication if there is one.
    pub fn on(content: String, unit: &str, number: usize, route: &Route) -> Self {
        let mut lines = Lines::default();
        lines.add(Role::Clerk, unit, Act::Create { content });
        lines.add(Role::Clerk, unit, Act::Submit { letter: String::new() });
        let mut script = Self::default();
        for station in &route.stations {
            lines.add(Role::Officer, &station.appraiser, Act::Receive);
            lines.add(Role::Officer, &station.appraiser, Act::Appraise { meets: true });
            if let Some(rule) = &station.publication {
                lines.add(Role::Officer, &station.appraiser, Act::Publish { days: rule.days });
                script.before = std::mem::take(&mut lines.0);
            }
            lines.council(station);
            if station.signer.is_some() || station.decider.is_none() {
                let signer = station.signer.as_ref().unwrap_or(&station.appraiser);
                lines.add(
                    Role::Leader,
                    signer,
                    Act::Sign {
                        letter: format!("{number}/TTr"),
                    },
                );
            }
            if let Some(decider) = &station.decider {
                lines.add(
                    Role::Leader,
                    decider,
                    Act::Award {
                        number: format!("{number}/QĐ"),
                    },
                );
            }
        }
        script.after = lines.0;
        script
    }
}

#[derive(Default)]
struct Lines(Vec<Line>);

impl Lines {
    fn add(&mut self, role: Role, agency: &str, act: Act) {
        self.0.push(Line {
            actor: Actor::of(role, agency),
            act,
        });
    }

    /// All are there, and all say yes.
    fn council(&mut self, station: &Station) {
        let Some(rule) = &station.council else { return };
        let council = rule.agency.as_str();
        let seats = if station.level.as_str() == "unit" { 3 } else { 9 };
        let members = members(council, seats);
        let convene = Act::Convene {
            council: council.to_owned(),
            members: members.clone(),
        };
        self.add(Role::Officer, &station.appraiser, convene);
        self.add(
            Role::Secretary,
            council,
            Act::Attend {
                present: members,
                writing: Vec::new(),
            },
        );
        for number in 1..=seats {
            self.0.push(Line {
                actor: member(council, number),
                act: Act::Ballot(Choice::Yes),
            });
        }
        self.add(Role::Secretary, council, Act::Close);
        self.add(Role::Secretary, council, Act::Minute);
    }
}

/// The way that the law gives to all of them.
pub fn route() -> anyhow::Result<Route> {
    let file = DossierFile::parse(&file(1));
    let file = file.map_err(|problems| anyhow::anyhow!("the bench's dossier has errors: {problems:?}"))?;
    Law::embedded()
        .route(&file, &Agencies::embedded(), DAY)
        .context("the law gives the bench's dossier no way")
}

fn file(number: usize) -> String {
    let ratings: Vec<_> = (2020..2025)
        .map(|year| json!({"year": year, "rating": "hoan-thanh-xuat-sac"}))
        .collect();
    json!({
        "schema": "vinhdanh.dossier/1",
        "reference": format!("BENCH-{number:06}"),
        "award": "anh-hung-lao-dong",
        "basis": "merit",
        "candidate": {
            "kind": "individual",
            "id": format!("BENCH-{number:06}"),
            "name": format!("Người được đề nghị {number}"),
            "agency": UNIT,
            "position": "Giáo viên",
            "occupation": "teacher",
            "direct_worker": true
        },
        "submitting_agency": UNIT,
        "letter": {"number": format!("{number}/TTr"), "date": DAY.to_string()},
        "achievement": {
            "from": "2014-01-01",
            "to": "2025-06-30",
            "summary": "Tóm tắt thành tích (dữ liệu dựng để đo)."
        },
        "record": {"ratings": ratings},
        "declared": [{"criterion": "declared", "text": "Đạt, theo xác nhận của cơ quan trình."}],
        "documents": [
            {"kind": "to-trinh", "number": "1/TL"},
            {"kind": "bao-cao-thanh-tich", "number": "2/TL"},
            {"kind": "xac-nhan-thanh-tich", "number": "3/TL"}
        ]
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_has_three_levels_three_councils_and_one_publication() {
        let route = route().unwrap();
        let levels: Vec<_> = route.stations.iter().map(|station| station.level.as_str()).collect();
        assert_eq!(levels, ["unit", "ministry-or-province", "state"]);
        assert!(route.stations.iter().all(|station| station.council.is_some()));
        let script = Script::of(7, &route);
        assert!(matches!(script.before.last().unwrap().act, Act::Publish { .. }));
        assert!(matches!(script.after.last().unwrap().act, Act::Award { .. }));
        let ballots = script
            .before
            .iter()
            .chain(&script.after)
            .filter(|line| matches!(line.act, Act::Ballot(_)));
        assert_eq!(ballots.count(), 3 + 9 + 9);
        assert_eq!((script.before.len(), script.after.len()), (15, 31));
    }
}
