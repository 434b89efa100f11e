//! The world of the tests: a service over a store of its own, and its callers.

use access::{Principal, Role};
use bus::Envelope;
use host::{Clock, Engine, replica::Replica};
use journal::{Inbox, Journal, Key, Location};
use law::{Ballot, CouncilRule, Denominator, Fraction, Level, Procedure, Route, Station};
use machine::{Machine as _, Timestamp};
use prost::Message as _;
use proto::{
    approval::v1::{self as approval, event::Fact},
    council::v1::{
        CastBallotRequest, Choice, CloseSessionRequest, ConveneSessionRequest, ListReviewsRequest,
        MinuteSessionRequest, RecordAttendanceRequest, Session, council_service_server::CouncilService as _,
    },
};
use tempfile::TempDir;
use tonic::{Request, Response, Status};
use tonic_types::StatusExt as _;

use crate::{api::Api, machine::Review, reactions};

pub(super) const DEPARTMENT: &str = "so-noi-vu-hung-yen";
pub(super) const PROVINCE: &str = "tinh-hung-yen";
/// 2025-09-15T08:00:00+07:00.
pub(super) const NOW: Timestamp = Timestamp(1_757_898_000_000_000);

pub(super) struct House {
    pub(super) api: Api,
    pub(super) engine: Engine,
    seq: std::cell::RefCell<std::collections::BTreeMap<String, u64>>,
    position: std::cell::Cell<i64>,
    _folder: TempDir,
}

pub(super) fn rule(agency: &str, ballot: Ballot) -> CouncilRule {
    CouncilRule {
        agency: agency.to_owned(),
        threshold_percent: 80,
        more_than_half: false,
        denominator: Denominator::AllMembers,
        quorum: Fraction { num: 2, den: 3 },
        ballot,
        article: Some("Đ33 k5".to_owned()),
        confirmed: true,
    }
}

pub(super) fn station(level: Level, agency: &str, ballot: Ballot) -> Station {
    Station {
        level,
        appraiser: agency.to_owned(),
        signer: Some(agency.to_owned()),
        decider: None,
        council: Some(rule(agency, ballot)),
        publication: None,
    }
}

pub(super) fn reason(refused: Result<Response<impl std::fmt::Debug>, Status>) -> String {
    let status = refused.expect_err("refused");
    status
        .get_details_error_info()
        .map_or_else(|| status.message().to_owned(), |info| info.reason)
}

pub(super) fn uuid() -> String {
    host::entropy::fresh_id()
}

/// `m1` … `mN` of the province.
pub(super) fn members(numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
    numbers.map(|n| format!("m{n}@{PROVINCE}")).collect()
}

pub(super) fn by<T>(message: T, subject: &str, role: Role, agency: &str) -> Request<T> {
    let mut request = Request::new(message);
    let (subject, agency) = (subject.to_owned(), agency.to_owned());
    request.extensions_mut().insert(Principal {
        subject,
        role,
        agency,
        person: None,
    });
    request
}

pub(super) fn secretary<T>(message: T) -> Request<T> {
    by(message, "secretary", Role::Secretary, PROVINCE)
}

pub(super) fn auditor<T>(message: T) -> Request<T> {
    by(message, "auditor", Role::Auditor, "")
}

impl House {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Directory(folder.path().to_owned());
        let store = journal::open(&location, "council", crate::SQLITE)
            .await
            .expect("a store");
        let journal = Journal::new(store).await.expect("a journal");
        let engine = Engine::new("council", journal, Clock::simulated(NOW), Replica::default());
        Self {
            api: Api(engine.clone()),
            engine,
            seq: std::cell::RefCell::default(),
            position: 0.into(),
            _folder: folder,
        }
    }

    /// A dossier whose way begins at the department and that has come to the province's queue.
    pub(super) async fn queued(ballot: Ballot) -> Self {
        let house = Self::new().await;
        house.opened(ballot).await;
        house
            .hear(1, "receiving", Fact::Forwarded(approval::Forwarded::default()))
            .await;
        house.due(ballot).await;
        house
    }

    pub(super) async fn opened(&self, ballot: Ballot) {
        self.opened_as("d", rule(PROVINCE, ballot), "001").await;
    }

    /// A dossier in the province's queue, voted on by this rule.
    pub(super) async fn queue(&self, dossier: &str, rule: CouncilRule, person: &str) {
        self.opened_as(dossier, rule.clone(), person).await;
        let fact = Fact::Forwarded(approval::Forwarded::default());
        self.hear_of(dossier, 1, "receiving", fact).await;
        let fact = approval::CouncilDue {
            council: PROVINCE.to_owned(),
            rule: serde_json::to_string(&rule).expect("a rule"),
            candidate_person: person.to_owned(),
        };
        self.hear_of(dossier, 1, "in-council", Fact::CouncilDue(fact)).await;
    }

    async fn opened_as(&self, dossier: &str, rule: CouncilRule, person: &str) {
        let ballot = rule.ballot;
        let route = Route {
            rule_set: "decree-152-2025".to_owned(),
            procedure: Procedure::Ordinary,
            stations: vec![
                station(Level::Department, DEPARTMENT, ballot),
                Station {
                    council: Some(rule),
                    ..station(Level::MinistryOrProvince, PROVINCE, ballot)
                },
            ],
            deciding_agency: "chu-tich-nuoc".to_owned(),
            line: None,
        };
        let route = serde_json::to_string(&route).expect("a route");
        let fact = approval::Opened {
            round: 1,
            route,
            candidate_person: person.to_owned(),
        };
        self.hear_of(dossier, 0, "receiving", Fact::Opened(fact)).await;
    }

    pub(super) async fn due(&self, ballot: Ballot) {
        let fact = approval::CouncilDue {
            council: PROVINCE.to_owned(),
            rule: serde_json::to_string(&rule(PROVINCE, ballot)).expect("a rule"),
            candidate_person: "001".to_owned(),
        };
        self.hear(1, "in-council", Fact::CouncilDue(fact)).await;
    }

    /// An event of approval.
    pub(super) async fn hear(&self, station: u32, step: &str, fact: Fact) {
        self.hear_of("d", station, step, fact).await;
    }

    /// An event of approval about one of several dossiers.
    pub(super) async fn hear_of(&self, dossier: &str, station: u32, step: &str, fact: Fact) {
        let position = self.position.get() + 1;
        self.position.set(position);
        let seq = {
            let mut all = self.seq.borrow_mut();
            let seq = all.entry(dossier.to_owned()).or_default();
            *seq += 1;
            *seq
        };
        let agency = [DEPARTMENT, PROVINCE][station as usize].to_owned();
        let event = approval::Event {
            dossier: dossier.to_owned(),
            award: "huan-chuong-lao-dong-hang-ba".to_owned(),
            candidate_agency: DEPARTMENT.to_owned(),
            submitting_agency: DEPARTMENT.to_owned(),
            agency: agency.clone(),
            step: step.to_owned(),
            station,
            fact: Some(fact),
            ..approval::Event::default()
        };
        let envelope = Envelope {
            id: format!("e{position}"),
            producer: "approval".to_owned(),
            event_type: "dossier.changed".to_owned(),
            agency,
            aggregate: format!("approval.course/{dossier}"),
            seq,
            position,
            epoch: String::new(),
            at: NOW.0,
            traceparent: String::new(),
            body: event.encode_to_vec(),
        };
        let inbox = Inbox {
            consumer: "council".to_owned(),
            producer: envelope.producer.clone(),
            aggregate: envelope.aggregate.clone(),
            seq,
            event_id: envelope.id.clone(),
            position: envelope.position,
            at: 0,
        };
        let hint = reactions::touches(&envelope);
        let reacted = self
            .engine
            .react(inbox, String::new(), hint, |unit| reactions::react(&envelope, unit))
            .await;
        reacted.expect("applied");
    }

    pub(super) async fn convene(&self, agency: &str, dossier: &str) -> Result<Response<Session>, Status> {
        let request = ConveneSessionRequest {
            request_id: uuid(),
            council: agency.to_owned(),
            members: members(1..=9),
            agenda: vec![dossier.to_owned()],
            kind: String::new(),
        };
        self.api
            .convene_session(by(request, "officer", Role::Officer, agency))
            .await
    }

    pub(super) async fn convened(&self) -> String {
        self.convene(PROVINCE, "d")
            .await
            .expect("convened")
            .into_inner()
            .session
    }

    pub(super) async fn attend(
        &self,
        session: &str,
        present: u32,
        writing: Vec<String>,
    ) -> Result<Response<Session>, Status> {
        let (request_id, session, present) = (uuid(), session.to_owned(), members(1..=present));
        let request = RecordAttendanceRequest {
            request_id,
            session,
            present,
            writing,
            etag: String::new(),
        };
        self.api.record_attendance(secretary(request)).await
    }

    pub(super) async fn vote(&self, session: &str, number: u32, choice: Choice) -> Result<u32, Status> {
        let (request_id, session, dossier) = (uuid(), session.to_owned(), "d".to_owned());
        let request = CastBallotRequest {
            request_id,
            session,
            dossier,
            choice: choice.into(),
            slip: String::new(),
        };
        let subject = format!("m{number}@{PROVINCE}");
        let reply = self
            .api
            .cast_ballot(by(request, &subject, Role::Member, PROVINCE))
            .await?;
        Ok(reply.into_inner().ballots)
    }

    /// Fires what is due, as the host would; how often.
    pub(super) async fn timers(&self) -> usize {
        let mut fired = 0;
        loop {
            let due = self.engine.journal().store().due(NOW.0, 100).await.expect("timers");
            if due.is_empty() {
                return fired;
            }
            for timer in due {
                let body = |unit: &mut host::Unit| host::Service::fire(&crate::Council, &timer.key, &timer.name, unit);
                self.engine.fire(&timer, body).await.expect("fired");
                fired += 1;
            }
        }
    }

    pub(super) async fn close(&self, session: &str) -> Result<Response<Session>, Status> {
        let request = CloseSessionRequest {
            request_id: uuid(),
            session: session.to_owned(),
            etag: String::new(),
        };
        self.api.close_session(secretary(request)).await
    }

    pub(super) async fn minute(&self, session: &str) -> Result<Response<Session>, Status> {
        let request = MinuteSessionRequest {
            request_id: uuid(),
            session: session.to_owned(),
            etag: String::new(),
        };
        self.api.minute_session(secretary(request)).await
    }

    pub(super) async fn reviews(&self) -> Vec<proto::council::v1::Review> {
        let request = ListReviewsRequest {
            dossier: "d".to_owned(),
            ..ListReviewsRequest::default()
        };
        self.api
            .list_reviews(auditor(request))
            .await
            .expect("a list")
            .into_inner()
            .reviews
    }

    pub(super) fn review_key() -> Key {
        Key::new(Review::NAME, format!("d@{PROVINCE}"))
    }
}
