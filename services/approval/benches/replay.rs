//! How many inputs a second one core takes through the machine of a course: a whole way from a department to the State,
//! again and again, digests apart; and with reading the inputs and comparing the digests, as `admin replay` does.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use approval::machine::{Course, Input};
use machine::{Actor, Recorded, Snapshot, Stimulus, Timestamp, advance, outcome, replay, step};
use serde_json::{Value, json};

const SPAN: Duration = Duration::from_secs(3);

fn station(level: &str, agency: &str) -> Value {
    json!({
        "level": level,
        "appraiser": agency,
        "signer": agency,
        "council": {
            "agency": agency, "threshold_percent": 0, "more_than_half": true, "denominator": "all-members",
            "quorum": {"num": 2, "den": 3}, "ballot": "open", "confirmed": false,
        },
    })
}

/// The inputs of one way, as history keeps them.
fn inputs() -> Vec<Value> {
    let mut province = station("ministry-or-province", "tinh-hung-yen");
    province["publication"] = json!({"days": 10, "confirmed": true});
    let mut state = station("state", "ban-td-kt-trung-uong");
    state["signer"] = json!("thu-tuong-chinh-phu");
    state["decider"] = json!("chu-tich-nuoc");
    let open = json!({"input": "open", "dossier": "d", "round": 1, "award": "huan-chuong-lao-dong-hang-ba",
    "award_year": 2024, "basis": "merit", "candidate_kind": "individual", "candidate_name": "N.V.A.",
    "candidate_person": "", "candidate_agency": "so-noi-vu-hung-yen", "submitting_agency": "so-noi-vu-hung-yen",
    "verdict": "eligible", "letter": "12/TTr-SNV", "route": {
        "rule_set": "decree-152-2025", "procedure": "ordinary", "deciding_agency": "chu-tich-nuoc",
        "stations": [station("department", "so-noi-vu-hung-yen"), province, state],
    }});
    let day = json!({"day": "2025-10-20", "over": 2, "began": "2025-10-06", "agency": "tinh-hung-yen",
        "unconfirmed": []});
    let council = [
        json!({"input": "tabled"}),
        json!({"input": "concluded", "passed": true}),
    ];
    let mut all = vec![open];
    for station in 0..3 {
        all.push(json!({"input": "receive", "deadline": null}));
        all.push(json!({"input": "appraise", "meets": true, "text": ""}));
        if station == 1 {
            all.push(json!({"input": "publish", "days": 10, "until": day}));
            all.push(json!({"input": "publication-over"}));
        }
        all.extend(council.clone());
        all.push(json!({"input": "sign", "letter": format!("{station}/TTr")}));
    }
    all.push(json!({"input": "decide", "award": true, "power": true,
        "decided": {"number": "5/QĐ-CTN", "on": "2025-11-03", "bonus_vnd": 0, "reason": ""}}));
    all
}

fn stimuli() -> Vec<Stimulus<Input>> {
    let on = |input: Value| {
        // Nobody signs what they have appraised.
        let leads = ["sign", "decide"].map(Value::from).contains(&input["input"]);
        let role = if leads { "leader" } else { "officer" };
        Stimulus {
            input: serde_json::from_value(input.clone()).unwrap_or_else(|error| panic!("{error}: {input}")),
            by: Actor {
                id: format!("{role}@tinh-hung-yen"),
                role: role.to_owned(),
                agency: "tinh-hung-yen".to_owned(),
                on_behalf: None,
            },
            at: Timestamp(3),
        }
    };
    inputs().into_iter().map(on).collect()
}

fn recorded(stimuli: &[Stimulus<Input>]) -> Vec<Recorded> {
    let mut at = Snapshot::<Course>::default();
    let mut rows = Vec::new();
    for (version, on) in (1..).zip(stimuli) {
        let stepped = step(&at, on).unwrap_or_else(|refusal| panic!("{refusal}"));
        rows.push(Recorded {
            version,
            machine_version: <Course as machine::Machine>::VERSION,
            input: serde_json::to_vec(&on.input).expect("inputs have string keys only"),
            by: on.by.clone(),
            at: on.at,
            state: stepped.next.state_name(),
            outcome: outcome(&stepped),
        });
        at = stepped.next;
    }
    rows
}

fn measure(name: &str, inputs: usize, once: impl Fn()) {
    #[expect(clippy::disallowed_methods, reason = "a bench measures")]
    let now = Instant::now;
    let (began, mut done) = (now(), 0);
    while began.elapsed() < SPAN {
        once();
        done += inputs;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    let rate = done as f64 / began.elapsed().as_secs_f64();
    println!("{name}: {rate:.0} inputs/s on one core, {:.2} µs each", 1e6 / rate);
}

fn main() {
    let stimuli = stimuli();
    let rows = recorded(&stimuli);
    measure("through the machine", stimuli.len(), || {
        let mut at = Snapshot::<Course>::default();
        for on in &stimuli {
            at = advance(at, black_box(on))
                .unwrap_or_else(|refusal| panic!("{refusal}"))
                .next;
        }
        black_box(at);
    });
    measure("each on a copy", stimuli.len(), || {
        let mut at = Snapshot::<Course>::default();
        for on in &stimuli {
            at = step(&at, black_box(on))
                .unwrap_or_else(|refusal| panic!("{refusal}"))
                .next;
        }
        black_box(at);
    });
    measure("read, and compared by digest", rows.len(), || {
        black_box(replay::<Course>(black_box(&rows)).unwrap_or_else(|divergence| panic!("{divergence}")));
    });
}
