//! Versions side by side: each aggregate is decided by its own until it is moved, and the move is a row of its history.

use std::collections::BTreeSet;

use machine::{
    Migrate, Obstacle, Prospect, Recorded, Refusal, Snapshot, Stimulus, explore, explore_under, migrate, outcome,
    prospect, replay, step_under,
};

use crate::paper::{Input, PAGES_MAX, PAGES_MAX_6, Paper, given};

fn to(version: u32) -> Stimulus<Migrate> {
    let Stimulus { by, at, .. } = given(Input::Send);
    let input = Migrate {
        to: version,
        reason: "three pages are taken now".to_owned(),
    };
    Stimulus { input, by, at }
}

/// A paper as it was begun under version 6, with its history.
#[derive(Default)]
struct Old {
    at: Snapshot<Paper>,
    rows: Vec<Recorded>,
}

impl Old {
    fn begun(inputs: &[Input]) -> Self {
        inputs.iter().fold(Self::default(), |old, input| old.took(6, input))
    }

    fn took(mut self, version: u32, input: &Input) -> Self {
        let stepped = step_under(version, &self.at, &given(input.clone())).expect("it is taken");
        self.record(version, serde_json::to_vec(input), stepped);
        self
    }

    fn moved(mut self) -> Self {
        let stepped = migrate(6, &self.at, &to(7)).expect("it has a place there");
        self.record(7, serde_json::to_vec(&to(7).input), stepped);
        self
    }

    fn record(&mut self, version: u32, input: serde_json::Result<Vec<u8>>, stepped: machine::Stepped<Paper>) {
        let Stimulus { by, at, .. } = given(Input::Send);
        self.rows.push(Recorded {
            version: self.rows.len() as u64 + 1,
            machine_version: version,
            input: input.expect("inputs are JSON"),
            by,
            at,
            state: stepped.next.state_name(),
            outcome: outcome(&stepped),
        });
        self.at = stepped.next;
    }

    fn prospect(&self, timers: &[&str], version: u32) -> Prospect {
        let timers: BTreeSet<String> = timers.iter().map(|name| (*name).to_owned()).collect();
        prospect::<Paper>(&self.rows, &timers, &to(version)).expect("it replays")
    }
}

const WRITE: Input = Input::Write { pages: PAGES_MAX };

#[test]
fn what_was_begun_under_an_older_version_is_decided_by_it() {
    let draft = Old::begun(&[Input::Write { pages: PAGES_MAX_6 }]);
    let more = given(Input::Write { pages: 1 });
    assert_eq!(
        step_under(6, &draft.at, &more).expect_err("too thick").reason,
        "TOO_THICK"
    );
    assert!(step_under(7, &draft.at, &more).is_ok());
    assert_eq!(
        replay::<Paper>(&draft.took(6, &Input::Send).rows).map(|end| end.state_name()),
        Ok("sent".to_owned())
    );
}

#[test]
fn the_table_of_an_older_version_stands_beside_the_newest() {
    let samples: Vec<_> = [WRITE, Input::Send, Input::Answer, Input::Cancel].map(given).into();
    let cell = |found: &machine::Explored| found.table[&("new".to_owned(), "write".to_owned())].clone();
    let (old, new) = (
        explore_under::<Paper>(6, &samples, 100),
        explore::<Paper>(&samples, 100),
    );
    assert_eq!((old.version, new.version), (6, 7));
    assert!(cell(&old).refused.contains("TOO_THICK") && cell(&old).next.is_empty());
    assert!(cell(&new).refused.is_empty() && cell(&new).next.contains_key("draft"));
}

#[test]
fn a_move_is_a_row_and_what_follows_is_decided_by_the_new_version() {
    let moved = Old::begun(&[Input::Write { pages: PAGES_MAX_6 }, Input::Send]).moved();
    assert_eq!(moved.at.state_name(), "draft", "the map of states leads there");
    let end = moved.took(7, &Input::Write { pages: 1 }).took(7, &Input::Send);
    assert_eq!(replay::<Paper>(&end.rows), Ok(end.at));
    let versions: Vec<u32> = end.rows.iter().map(|row| row.machine_version).collect();
    assert_eq!(versions, [6, 6, 7, 7, 7]);
}

#[test]
fn a_history_that_changes_its_version_without_a_move_diverges() {
    let told = |change: fn(&mut Vec<Recorded>)| {
        let mut rows = Old::begun(&[Input::Write { pages: 1 }, Input::Send])
            .moved()
            .took(7, &Input::Send)
            .rows;
        change(&mut rows);
        replay::<Paper>(&rows).expect_err("it diverges").to_string()
    };
    let without = told(|rows| _ = rows.remove(2));
    assert!(
        without.contains("step 4 diverges: history says a readable input"),
        "{without}"
    );
    let elsewhere = told(|rows| rows[2].input = br#"{"input":"migrate","to":8,"reason":"r"}"#.to_vec());
    assert!(
        elsewhere.contains("step 3 diverges: history says machine version 7"),
        "{elsewhere}"
    );
    let back = told(|rows| rows[3].machine_version = 6);
    assert!(
        back.contains("step 4 diverges: history says machine version 6"),
        "{back}"
    );
}

#[test]
fn a_move_is_tried_on_a_copy_and_told() {
    let draft = Old::begun(&[Input::Write { pages: 1 }]);
    let told = draft.prospect(&[], 7);
    assert_eq!((told.from, told.state.as_str(), told.ended), (6, "draft", false));
    assert_eq!(told.next, Ok("draft".to_owned()));
    for version in [0, 5, 6, 8] {
        let Err(Obstacle::Refused(refusal)) = draft.prospect(&[], version).next else {
            panic!("version {version} is not ahead, or not known");
        };
        assert_eq!(refusal.reason, Refusal::NOT_ALLOWED_NOW);
    }
}

#[test]
fn what_would_be_forgotten_or_never_end_is_not_moved() {
    let reason = |inputs: &[Input]| {
        Old::begun(inputs)
            .prospect(&["reply"], 7)
            .next
            .map_err(|why| why.reason())
    };
    let write = Input::Write { pages: 1 };
    assert_eq!(reason(&[write.clone(), Input::Lose]), Err("UNOWNED_THERE"));
    assert_eq!(reason(&[write.clone(), Input::Trap]), Err("NO_END_THERE"));
    let ended = Old::begun(&[write, Input::Cancel]).prospect(&[], 7);
    assert!(ended.ended);
    assert_eq!(ended.next.map_err(|why| why.reason()), Err(Refusal::NO_PLACE_THERE));
}

#[test]
fn what_does_not_replay_has_no_prospect() {
    let mut draft = Old::begun(&[Input::Write { pages: 1 }]);
    draft.rows[0].outcome[0] ^= 1;
    assert!(prospect::<Paper>(&draft.rows, &BTreeSet::new(), &to(7)).is_err());
}
