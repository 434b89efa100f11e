use machine::{Actor, OnBehalf, Timestamp};

use super::duties::same_hand;
use crate::stores::Accepted;

fn row(version: u64, input: &str, who: &str, on_behalf: Option<&str>) -> Accepted {
    Accepted {
        version,
        machine_version: 1,
        input: format!(r#"{{"input":"{input}"}}"#).into_bytes(),
        by: Actor {
            id: who.to_owned(),
            on_behalf: on_behalf.map(|giver| OnBehalf {
                id: giver.to_owned(),
                ..OnBehalf::default()
            }),
            ..Actor::default()
        },
        at: Timestamp(0),
        request_id: String::new(),
        cause: String::new(),
        state: String::new(),
        outcome: Vec::new(),
    }
}

#[test]
fn who_appraised_neither_signs_nor_decides_whoever_lends_the_hand() {
    let appraised = [row(1, "open", "", None), row(2, "appraise", "an", None)];
    let with = |next: Accepted| appraised.iter().cloned().chain([next]).collect::<Vec<_>>();
    assert!(same_hand(&with(row(3, "decide", "an", None))).is_some());
    assert!(same_hand(&with(row(3, "sign", "binh", Some("an")))).is_some());
    assert!(same_hand(&with(row(3, "decide", "binh", None))).is_none());
    let anew = [with(row(3, "open", "", None)), vec![row(4, "decide", "an", None)]].concat();
    assert!(same_hand(&anew).is_none(), "a new round begins with nobody's opinion");
}
