//! The way of each dossier, as the law gives it: who does what, in which order.

use std::sync::OnceLock;

use access::{Principal, Role};
use law::{Agencies, DossierFile, Law, Route, Station};
use proto::council::v1::Choice;
use serde_json::{Value, json};
use time::{Date, macros::date};

use crate::act::{Act, somebody};

/// The day on which all begins: a Monday, under the rules since 2025-07-01.
pub const DAY: Date = date!(2025 - 08 - 04);
/// Directly under a province.
const WARD: &str = "phuong-hoan-kiem";
const SCHOOL: &str = "truong-thcs-trung-vuong";

/// What some officials do at the same time.
pub type Stage = Vec<(Principal, Act)>;

/// The kinds of dossiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A certificate by the ward: no council, no publication.
    Certificate,
    /// A Hero title: three levels, three councils, one publication.
    Hero,
}

/// The stages of a dossier of this kind and number.
pub fn script(kind: Kind, number: usize) -> Vec<Stage> {
    let (route, agency) = match kind {
        Kind::Certificate => (route(&CERTIFICATE, kind), SCHOOL),
        Kind::Hero => (route(&HERO, kind), WARD),
    };
    let mut stages = Stages::default();
    stages.add(
        Role::Clerk,
        agency,
        Act::Create {
            content: file(kind, number).to_string(),
        },
    );
    stages.add(Role::Clerk, agency, Act::Submit);
    for station in &route.stations {
        stages.station(station, number);
    }
    stages.0
}

static CERTIFICATE: OnceLock<Route> = OnceLock::new();
static HERO: OnceLock<Route> = OnceLock::new();

fn route(known: &'static OnceLock<Route>, kind: Kind) -> &'static Route {
    known.get_or_init(|| {
        let file = DossierFile::parse(&file(kind, 1).to_string()).expect("the simulation's dossiers are well formed");
        let route = Law::embedded().route(&file, &Agencies::embedded(), DAY);
        route.expect("the law gives the simulation's dossiers a way")
    })
}

#[derive(Default)]
struct Stages(Vec<Stage>);

impl Stages {
    fn add(&mut self, role: Role, agency: &str, act: Act) {
        self.0.push(vec![(somebody(role.as_str(), role, agency), act)]);
    }

    fn station(&mut self, station: &Station, number: usize) {
        let appraiser = &station.appraiser;
        self.add(Role::Officer, appraiser, Act::Receive);
        self.add(Role::Officer, appraiser, Act::Appraise);
        if let Some(rule) = &station.publication {
            self.add(Role::Officer, appraiser, Act::Publish { days: rule.days });
        }
        self.council(station);
        if station.signer.is_some() || station.decider.is_none() {
            let signer = station.signer.as_ref().unwrap_or(appraiser);
            let letter = format!("{number}/TTr");
            self.add(Role::Leader, signer, Act::Sign { letter });
        }
        if let Some(decider) = &station.decider {
            let number = format!("{number}/QĐ");
            self.add(Role::Leader, decider, Act::Award { number });
        }
    }

    /// All are there, and all vote at once.
    fn council(&mut self, station: &Station) {
        let Some(rule) = &station.council else { return };
        let council = rule.agency.as_str();
        let seats = if station.level.as_str() == "unit" { 3 } else { 5 };
        let member = |number| somebody(&format!("m{number}"), Role::Member, council);
        let members: Vec<String> = (1..=seats).map(|number| member(number).subject).collect();
        let convene = Act::Convene {
            council: council.to_owned(),
            members: members.clone(),
        };
        self.add(Role::Officer, &station.appraiser, convene);
        self.add(Role::Secretary, council, Act::Attend { present: members });
        let ballots = (1..=seats).map(|number| (member(number), Act::Ballot(Choice::Yes)));
        self.0.push(ballots.collect());
        self.add(Role::Secretary, council, Act::Close);
        self.add(Role::Secretary, council, Act::Minute);
    }
}

fn file(kind: Kind, number: usize) -> Value {
    let mut documents = vec![
        json!({"kind": "to-trinh", "number": "1/TL"}),
        json!({"kind": "bao-cao-thanh-tich", "number": "2/TL"}),
    ];
    match kind {
        Kind::Certificate => json!({
            "schema": "vinhdanh.dossier/1",
            "reference": format!("GK-{number}"),
            "award": "giay-khen-cap-xa",
            "basis": "extraordinary",
            "candidate": {
                "kind": "individual",
                "id": format!("GK-{number}"),
                "name": format!("Người được đề nghị {number}"),
                "agency": SCHOOL,
                "occupation": "teacher"
            },
            "submitting_agency": SCHOOL,
            "letter": {"number": format!("{number}/TTr-GK"), "date": DAY.to_string()},
            "achievement": {
                "from": "2025-08-01",
                "to": "2025-08-01",
                "summary": "Tóm tắt thành tích (dữ liệu dựng để mô phỏng).",
                "act": "2025-08-01 chữa cháy"
            },
            "declared": [{"criterion": "extraordinary-achievement", "text": "Đạt, theo xác nhận của cơ quan trình."}],
            "documents": documents
        }),
        Kind::Hero => {
            documents.push(json!({"kind": "xac-nhan-thanh-tich", "number": "3/TL"}));
            let ratings: Vec<_> = (2020..2025)
                .map(|year| json!({"year": year, "rating": "hoan-thanh-xuat-sac"}))
                .collect();
            json!({
                "schema": "vinhdanh.dossier/1",
                "reference": format!("AH-{number}"),
                "award": "anh-hung-lao-dong",
                "basis": "merit",
                "candidate": {
                    "kind": "individual",
                    "id": format!("AH-{number}"),
                    "name": format!("Người được đề nghị {number}"),
                    "agency": WARD,
                    "position": "Giáo viên",
                    "occupation": "teacher",
                    "direct_worker": true
                },
                "submitting_agency": WARD,
                "letter": {"number": format!("{number}/TTr-AH"), "date": DAY.to_string()},
                "achievement": {
                    "from": "2014-01-01",
                    "to": "2025-06-30",
                    "summary": "Tóm tắt thành tích (dữ liệu dựng để mô phỏng)."
                },
                "record": {"ratings": ratings},
                "declared": [{"criterion": "declared", "text": "Đạt, theo xác nhận của cơ quan trình."}],
                "documents": documents
            })
        }
    }
}
