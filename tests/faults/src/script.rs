//! What officials are to do with a dossier, as the law sends it on its way.

use access::Role;
use anyhow::Context;
use law::{Agencies, DossierFile, Law, Station};
use serde_json::json;
use time::{Date, macros::date};

use crate::{
    acts::{Act, Official},
    dice::Dice,
};

/// The day on which all are handed in.
const DAY: Date = date!(2025 - 08 - 04);
/// A ward directly under its province, and one of its schools.
const WARD: &str = "phuong-hoan-kiem";
const SCHOOL: &str = "truong-thcs-trung-vuong";

/// What happens next: several lines at once are different officials side by side.
pub type Scene = Vec<(Official, Act)>;

/// Kinds of dossiers, from short to long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A certificate of the ward: appraised and decided.
    Certificate,
    /// A title of the ward, voted on by its council.
    Title,
    /// The hero's title: ward, province, State; three councils and a publication.
    Hero,
}

/// All scenes of the dossier of this number.
pub fn scenes(kind: Kind, number: usize, dice: &mut Dice) -> anyhow::Result<Vec<Scene>> {
    let content = content(kind, number);
    let file = DossierFile::parse(&content);
    let file = file.map_err(|problems| anyhow::anyhow!("the rig's dossier has errors: {problems:?}"))?;
    let route = Law::embedded().route(&file, &Agencies::embedded(), DAY);
    let route = route.with_context(|| format!("the law gives a {kind:?} no way"))?;
    let clerk = Official::of(Role::Clerk, if kind == Kind::Hero { WARD } else { SCHOOL });
    let mut scenes = vec![vec![(clerk.clone(), Act::Create(content))], vec![(clerk, Act::Submit)]];
    for station in &route.stations {
        let officer = |act| vec![(Official::of(Role::Officer, &station.appraiser), act)];
        scenes.push(officer(Act::Receive));
        if dice.chance(10) {
            scenes.extend([officer(Act::Suspend), officer(Act::Resume)]);
        }
        scenes.push(officer(Act::Appraise));
        if let Some(rule) = &station.publication {
            scenes.push(officer(Act::Publish(rule.days)));
        }
        scenes.extend(council(station));
        let leader = |agency, act| vec![(Official::of(Role::Leader, agency), act)];
        if station.signer.is_some() || station.decider.is_none() {
            let signer = station.signer.as_ref().unwrap_or(&station.appraiser);
            scenes.push(leader(signer, Act::Sign(format!("{number}/TTr"))));
        }
        if let Some(decider) = &station.decider {
            scenes.push(leader(decider, Act::Award(format!("{number}/QĐ"))));
        }
    }
    Ok(scenes)
}

/// All are there, vote at once, and say yes.
fn council(station: &Station) -> Vec<Scene> {
    let Some(rule) = &station.council else {
        return Vec::new();
    };
    let council = rule.agency.as_str();
    let seats = if station.level.as_str() == "unit" { 3 } else { 9 };
    let members: Vec<_> = (1..=seats)
        .map(|seat| Official::named(&format!("m{seat}"), Role::Member, council))
        .collect();
    let subjects: Vec<_> = members.iter().map(Official::subject).collect();
    let officer = Official::of(Role::Officer, &station.appraiser);
    let secretary = Official::of(Role::Secretary, council);
    vec![
        vec![(officer, Act::Convene(council.to_owned(), subjects.clone()))],
        vec![(secretary.clone(), Act::Attend(subjects))],
        members.into_iter().map(|member| (member, Act::Ballot)).collect(),
        vec![(secretary.clone(), Act::Close)],
        vec![(secretary, Act::Minute)],
    ]
}

fn content(kind: Kind, number: usize) -> String {
    let unit = if kind == Kind::Hero { WARD } else { SCHOOL };
    let common = json!({
        "schema": "vinhdanh.dossier/1",
        "reference": format!("FAULTS-{number:06}"),
        "candidate": {
            "kind": "individual",
            "id": format!("FAULTS-{number:06}"),
            "name": format!("Người được đề nghị {number}"),
            "agency": unit,
            "position": "Giáo viên",
            "occupation": "teacher",
            "direct_worker": true
        },
        "submitting_agency": unit,
        "letter": {"number": format!("{number}/TTr"), "date": DAY.to_string()},
        "declared": [{"criterion": "declared", "text": "Đạt, theo xác nhận của cơ quan trình."}],
        "documents": [
            {"kind": "to-trinh", "number": "1/TL"},
            {"kind": "bao-cao-thanh-tich", "number": "2/TL"},
            {"kind": "xac-nhan-thanh-tich", "number": "3/TL"},
            {"kind": "chung-nhan-sang-kien", "number": "4/TL"}
        ]
    });
    let summary = "Tóm tắt thành tích (dữ liệu dựng để kiểm thử).";
    let own = match kind {
        Kind::Certificate => json!({
            "award": "giay-khen-cap-xa",
            "basis": "extraordinary",
            "achievement": {"from": "2025-08-01", "to": "2025-08-01", "summary": summary, "act": "2025-08-01 chữa cháy"},
            "declared": [{"criterion": "extraordinary-achievement", "text": "Đạt."}]
        }),
        Kind::Title => json!({
            "award": "chien-si-thi-dua-co-so",
            "basis": "merit",
            "award_year": 2024,
            "achievement": {"from": "2024-01-01", "to": "2024-12-31", "summary": summary},
            "record": {
                "ratings": [{"year": 2024, "rating": "hoan-thanh-xuat-sac"}],
                "awards": [{
                    "award": "lao-dong-tien-tien", "year": 2024, "date": "2024-12-20", "decision": "2024/QĐ"
                }],
                "initiatives": [{"title": "t0", "kind": "initiative", "scope": "grassroots", "year": 2024}]
            }
        }),
        Kind::Hero => json!({
            "award": "anh-hung-lao-dong",
            "basis": "merit",
            "achievement": {"from": "2014-01-01", "to": "2025-06-30", "summary": summary},
            "record": {
                "ratings": (2020..2025)
                    .map(|year| json!({"year": year, "rating": "hoan-thanh-xuat-sac"}))
                    .collect::<Vec<_>>()
            }
        }),
    };
    let mut whole = common;
    if let (Some(whole), serde_json::Value::Object(own)) = (whole.as_object_mut(), own) {
        whole.extend(own);
    }
    whole.to_string()
}
