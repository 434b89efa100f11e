//! A changed calendar over many open dossiers: in slices that each are one commit, gone on with after a crash, with no
//! deadline that has passed touched.

use approval::{
    Approval,
    machine::{CalendarState, Count, Course, DayChange, Deadline, Input, OfficeCalendar, Opening},
};
use bus::Envelope;
use host::{Clock, Engine, Fault, Service, Unit, clock, replica::Replica};
use journal::{Journal, Key, Location};
use law::{DayUnit, Route};
use machine::{Machine as _, Snapshot, Timestamp};
use prost::Message as _;
use proto::directory::v1::{Day, Event, event::Fact};
use time::{Date, macros::date};

/// A Wednesday.
const TODAY: Date = date!(2026 - 03 - 04);
const AGENCY: &str = "tinh-vinh-long";
const OTHER: &str = "tinh-hung-yen";

struct World {
    engine: Engine,
    home: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let engine = open(&home).await;
        Self { engine, home }
    }

    /// All that is in memory is gone.
    async fn crash(self) -> Self {
        self.engine.journal().close().await;
        let engine = open(&self.home).await;
        Self { engine, ..self }
    }

    async fn work(&self, hint: Vec<Key>, body: impl Fn(&mut Unit) -> Result<(), Fault> + Send + Sync) {
        self.engine.work("test", hint, body).await.expect("it is taken");
    }

    /// Dossiers at an agency that were received on a day and have ten working days to `day`.
    async fn received(&self, agency: &str, ids: &[String], from: Date, day: Date) {
        for some in ids.chunks(250) {
            let keys = some.iter().map(|id| Key::new(Course::NAME, id)).collect();
            let receive = |unit: &mut Unit| {
                for id in some {
                    unit.step::<Course>(id, Input::Open(Box::new(opening(id, agency))))?;
                    let deadline = Some(deadline(agency, from, day));
                    unit.step::<Course>(id, Input::Receive { deadline })?;
                }
                Ok(())
            };
            self.work(keys, receive).await;
        }
    }

    async fn told(&self, fact: Fact) {
        let body = Event { fact: Some(fact) }.encode_to_vec();
        let event = Envelope {
            id: "e".to_owned(),
            producer: "directory".to_owned(),
            event_type: "day.set".to_owned(),
            agency: String::new(),
            aggregate: "directory.days/".to_owned(),
            seq: 1,
            position: 1,
            epoch: String::new(),
            at: 0,
            traceparent: String::new(),
            body,
        };
        self.work(Vec::new(), |unit| Approval.follow_directory(&event, unit))
            .await;
    }

    /// Fires what is due once; how many timers that were.
    async fn fire(&self) -> usize {
        let now = self.engine.clock().now();
        let due = self.engine.journal().store().due(now.0, 10).await.expect("timers");
        for timer in &due {
            let fired = self
                .engine
                .fire(timer, |unit| Approval.fire(&timer.key, &timer.name, unit))
                .await;
            fired.expect("fired");
        }
        due.len()
    }

    async fn courses(&self, ids: &[String]) -> Vec<Snapshot<Course>> {
        let keys: Vec<Key> = ids.iter().map(|id| Key::new(Course::NAME, id)).collect();
        let loaded = self.engine.journal().store().load(&keys).await.expect("loaded");
        let read = |one: Option<journal::Loaded>| Snapshot::decode(&one.expect("there").snapshot).expect("readable");
        loaded.into_iter().map(read).collect()
    }

    async fn days(&self, ids: &[String]) -> Vec<Date> {
        let courses = self.courses(ids).await;
        courses
            .into_iter()
            .map(|course| course.data.limit.expect("it runs").day)
            .collect()
    }

    async fn steps(&self, id: &str) -> Vec<String> {
        let key = Key::new(Course::NAME, id);
        let rows = self
            .engine
            .journal()
            .store()
            .history(&key, 0, 100)
            .await
            .expect("its history");
        rows.into_iter()
            .map(|row| String::from_utf8(row.entry.input).expect("JSON"))
            .collect()
    }
}

async fn open(home: &tempfile::TempDir) -> Engine {
    let location = Location::Directory(home.path().to_owned());
    let store = journal::open(&location, "approval", Approval.migrations(false))
        .await
        .expect("a store");
    let journal = Journal::new(store).await.expect("a journal");
    let morning = Timestamp(clock::start_of(TODAY).0 + 8 * 3_600_000_000);
    let engine = Engine::new("approval", journal, Clock::simulated(morning), Replica::default());
    Approval.prepare(&engine).await.expect("it is ready");
    engine
}

fn opening(id: &str, agency: &str) -> Opening {
    let station = serde_json::json!({
        "level": "ministry-or-province", "appraiser": agency, "signer": agency, "decider": null, "council": null,
        "publication": null,
    });
    let route: Route = serde_json::from_value(serde_json::json!({
        "rule_set": "decree-152-2025", "procedure": "ordinary", "stations": [station], "deciding_agency": agency,
    }))
    .expect("a route");
    Opening {
        dossier: id.to_owned(),
        round: 1,
        award: "bang-khen-tinh".to_owned(),
        award_year: 2024,
        basis: "merit".to_owned(),
        candidate_kind: "individual".to_owned(),
        candidate_name: "N.V.A.".to_owned(),
        candidate_person: String::new(),
        candidate_agency: agency.to_owned(),
        submitting_agency: agency.to_owned(),
        verdict: "eligible".to_owned(),
        letter: "1/TTr".to_owned(),
        route,
    }
}

fn deadline(agency: &str, from: Date, day: Date) -> Deadline {
    Deadline {
        day,
        over: clock::end_of(day),
        began: from,
        agency: agency.to_owned(),
        count: Some(Count {
            days: 10,
            unit: DayUnit::Working,
            first_counted: false,
            article: None,
            confirmed: true,
            from,
            left: 10,
            stops: Vec::new(),
        }),
        unconfirmed: vec![2026],
        remind: None,
    }
}

fn ids(prefix: &str, n: usize) -> Vec<String> {
    (0..n).map(|one| format!("{prefix}{one:05}")).collect()
}

fn day_off(agency: &str, day: &str) -> Day {
    Day {
        agency: agency.to_owned(),
        day: day.to_owned(),
        working: false,
        reason: "bão".to_owned(),
        document: "12/CĐ-TTg".to_owned(),
        etag: String::new(),
    }
}

#[tokio::test]
async fn every_open_deadline_moves_by_the_day_and_a_crash_between_slices_loses_nothing() {
    let mut world = World::new().await;
    // Ten working days from Mon 2 March 2026: Tue 3 … Fri 6 are 4, Mon 9 … Fri 13 are 9, Mon 16 is the tenth.
    let open = ids("a", 1_050);
    world
        .received(AGENCY, &open, date!(2026 - 03 - 02), date!(2026 - 03 - 16))
        .await;
    let others = ids("b", 3);
    world
        .received(OTHER, &others, date!(2026 - 03 - 02), date!(2026 - 03 - 16))
        .await;
    // Ten working days from Fri 6 February ended on Fri 27 February.
    let passed = ids("c", 3);
    world
        .received(AGENCY, &passed, date!(2026 - 02 - 06), date!(2026 - 02 - 27))
        .await;
    // Ends before the day that changes.
    let early = ids("d", 1);
    world
        .received(AGENCY, &early, date!(2026 - 02 - 23), date!(2026 - 03 - 09))
        .await;

    world.fire().await;
    world.told(Fact::DaySet(day_off(AGENCY, "2026-03-12"))).await;
    let mut slices = 0;
    while world.fire().await > 0 {
        slices += 1;
        world = world.crash().await;
        assert!(slices < 20, "the count does not end");
    }
    assert_eq!(slices, 6, "1,054 dossiers in slices of 200");
    // The 12th is gone, so the tenth is Tue 17.
    assert_eq!(world.days(&open).await, vec![date!(2026 - 03 - 17); open.len()]);
    assert_eq!(world.days(&others).await, vec![date!(2026 - 03 - 16); 3]);
    assert_eq!(world.days(&passed).await, vec![date!(2026 - 02 - 27); 3]);
    assert_eq!(world.days(&early).await, [date!(2026 - 03 - 09)]);

    let moved = world.steps(&open[0]).await;
    assert_eq!(moved.len(), 3, "opened, received, counted again once: {moved:?}");
    for part in [
        "\"recount\"",
        "2026-03-16",
        "2026-03-17",
        "2026-03-12",
        "bão",
        "12/CĐ-TTg",
    ] {
        assert!(moved[2].contains(part), "{part} in {}", moved[2]);
    }
    for untouched in [&others[0], &passed[0], &early[0]] {
        let steps = world.steps(untouched).await;
        assert!(
            !steps.iter().any(|step| step.contains("recount")),
            "{untouched}: {steps:?}"
        );
    }

    // Taken back, it is as before; told twice, nothing happens.
    world.told(Fact::DayWithdrawn(day_off(AGENCY, "2026-03-12"))).await;
    while world.fire().await > 0 {}
    assert_eq!(world.days(&open).await, vec![date!(2026 - 03 - 16); open.len()]);
    world.told(Fact::DayWithdrawn(day_off(AGENCY, "2026-03-12"))).await;
    assert_eq!(world.fire().await, 0);
}

#[tokio::test]
async fn a_change_in_the_middle_of_a_count_begins_it_anew_and_a_deadline_never_goes_behind_today() {
    let world = World::new().await;
    let open = ids("a", 300);
    world
        .received(AGENCY, &open, date!(2026 - 03 - 02), date!(2026 - 03 - 16))
        .await;
    // Its last day is today: nine days and the tenth, with Sat 28 February not worked yet.
    let last = ids("z", 1);
    world.received(AGENCY, &last, date!(2026 - 02 - 11), TODAY).await;
    world.told(Fact::DaySet(day_off("", "2026-03-12"))).await;
    assert_eq!(world.fire().await, 1);
    let half = world.days(&open).await;
    assert_eq!(half.iter().filter(|day| **day == date!(2026 - 03 - 17)).count(), 200);

    // All agencies: the 12th; one of them works it nonetheless, and on Saturday 28 February did too.
    let worked = |day: &str| Day {
        working: true,
        ..day_off(AGENCY, day)
    };
    world.told(Fact::DaySet(worked("2026-03-12"))).await;
    world.told(Fact::DaySet(worked("2026-02-28"))).await;
    while world.fire().await > 0 {}
    assert_eq!(world.days(&open).await, vec![date!(2026 - 03 - 16); 300]);
    assert_eq!(world.days(&last).await, [TODAY]);

    let key = Key::new(OfficeCalendar::NAME, "all");
    let loaded = world
        .engine
        .journal()
        .store()
        .load(&[key])
        .await
        .expect("loaded")
        .remove(0);
    let calendar: Snapshot<OfficeCalendar> = Snapshot::decode(&loaded.expect("there").snapshot).expect("readable");
    assert_eq!(calendar.state, CalendarState::Settled);
    assert_eq!(calendar.data.changes, Vec::<DayChange>::new());
    assert_eq!(calendar.data.exceptions.len(), 3);
}
