//! What a course is asked in the tables: a way through the offices, and every input with the fields that matter.

use approval::machine::{
    Amendment, AmendmentKind, Answer, Consultation, Count, DayChange, Deadline, Decided, Input, Lowered, Move, Moved,
    Opening, Presentation, SentBack, Stopped, TakeOver, Which,
};
use law::{Ballot, CouncilRule, DayUnit, Denominator, Fraction, Level, Procedure, PublicationRule, Route, Station};
use machine::{Actor, Stimulus, Timestamp};
use time::{Date, macros::date};

pub(crate) fn council(agency: &str) -> Option<CouncilRule> {
    Some(CouncilRule {
        agency: agency.to_owned(),
        threshold_percent: 0,
        more_than_half: true,
        denominator: Denominator::AllMembers,
        quorum: Fraction { num: 2, den: 3 },
        ballot: Ballot::Open,
        article: None,
        confirmed: false,
    })
}

pub(crate) fn station(level: Level, agency: &str) -> Station {
    Station {
        level,
        appraiser: agency.to_owned(),
        signer: Some(agency.to_owned()),
        decider: None,
        council: council(agency),
        publication: None,
    }
}

/// Department, province with publication, state with another signer and decider.
pub(crate) fn route(procedure: Procedure) -> Route {
    let publication = Some(PublicationRule {
        days: 10,
        article: None,
        confirmed: true,
    });
    Route {
        rule_set: "decree-152-2025".to_owned(),
        procedure,
        stations: vec![
            station(Level::Department, "so-noi-vu-hung-yen"),
            Station {
                publication,
                ..station(Level::MinistryOrProvince, "tinh-hung-yen")
            },
            Station {
                appraiser: "ban-td-kt-trung-uong".to_owned(),
                signer: Some("thu-tuong-chinh-phu".to_owned()),
                decider: Some("chu-tich-nuoc".to_owned()),
                council: None,
                ..station(Level::State, "")
            },
        ],
        deciding_agency: "chu-tich-nuoc".to_owned(),
        line: None,
    }
}

/// The way of a lower award: it ends at the province.
pub(crate) fn decided_by_the_province(procedure: Procedure) -> Route {
    let mut route = route(procedure);
    route.stations.truncate(2);
    let province = &mut route.stations[1];
    province.decider = province.signer.take();
    route
}

pub(crate) fn opening(procedure: Procedure) -> Input {
    Input::Open(Box::new(Opening {
        dossier: "d".to_owned(),
        round: 1,
        award: "huan-chuong-lao-dong-hang-ba".to_owned(),
        award_year: 2024,
        basis: "merit".to_owned(),
        candidate_kind: "individual".to_owned(),
        candidate_name: "N.V.A.".to_owned(),
        candidate_person: String::new(),
        candidate_agency: "so-noi-vu-hung-yen".to_owned(),
        submitting_agency: "so-noi-vu-hung-yen".to_owned(),
        verdict: "eligible".to_owned(),
        letter: "12/TTr-SNV".to_owned(),
        route: route(procedure),
    }))
}

pub(crate) fn on<I>(input: I) -> Stimulus<I> {
    Stimulus {
        input,
        by: Actor::default(),
        at: Timestamp(1),
    }
}

pub(crate) const DAY: Date = date!(2025 - 10 - 01);

/// Ten working days to a day.
pub(crate) fn until(day: Date, over: i64) -> Deadline {
    Deadline {
        day,
        over: Timestamp(over),
        began: date!(2025 - 09 - 17),
        agency: "tinh-hung-yen".to_owned(),
        count: Some(Count {
            days: 10,
            unit: DayUnit::Working,
            first_counted: false,
            article: None,
            confirmed: true,
            from: date!(2025 - 09 - 17),
            left: 10,
            stops: Vec::new(),
        }),
        unconfirmed: vec![2025],
        remind: Some(Timestamp(over - 1)),
    }
}

pub(crate) fn a_day_off() -> DayChange {
    DayChange {
        agency: None,
        day: Some(date!(2025 - 09 - 30)),
        working: Some(false),
        reason: "bão".to_owned(),
        document: "1/CĐ".to_owned(),
    }
}

pub(crate) fn recount(to: &Deadline) -> Input {
    let moved = [Which::Limit, Which::Supplement, Which::Publication].map(|which| Moved {
        which,
        from: DAY,
        to: to.clone(),
    });
    Input::Recount {
        because: vec![a_day_off()],
        moved: moved.into(),
    }
}

pub(crate) fn sent_back() -> SentBack {
    SentBack {
        on: DAY,
        from: "tinh-hung-yen".to_owned(),
        to: "so-noi-vu-hung-yen".to_owned(),
        level: String::new(),
        reason: "missing-papers".to_owned(),
        text: String::new(),
        due: None,
    }
}

pub(crate) fn consult(agency: &str, over: i64) -> Input {
    Input::Consult {
        asked: vec![Consultation {
            agency: agency.to_owned(),
            asked_by: "tinh-hung-yen".to_owned(),
            until: Deadline {
                agency: agency.to_owned(),
                ..until(DAY, over)
            },
            answer: Answer::Asked,
        }],
    }
}

pub(crate) fn reply(agency: &str, agrees: bool) -> Input {
    Input::Reply {
        agency: agency.to_owned(),
        answer: Answer::Given {
            agrees,
            text: String::new(),
            on: DAY,
        },
        after: None,
    }
}

pub(crate) fn amend(kind: AmendmentKind) -> Input {
    Input::Amend {
        amendment: Amendment {
            kind,
            number: format!("{}/QĐ", kind.as_str()),
            on: DAY,
            ground: "false-papers".to_owned(),
            agency: "chu-tich-nuoc".to_owned(),
        },
        recovery: None,
    }
}

pub(crate) fn inputs(procedure: Procedure) -> Vec<Stimulus<Input>> {
    let limit = until(DAY, 10);
    let deadline = Some(limit.clone());
    let stopped = Some(Stopped {
        deadline: limit.clone(),
        on: date!(2025 - 09 - 26),
        left: 3,
    });
    let decided = |number: &str| Decided {
        number: number.to_owned(),
        on: DAY,
        by_successor: String::new(),
        bonus_vnd: 1,
        bonus: None,
        reason: String::new(),
    };
    let text = String::new;
    vec![
        opening(procedure),
        Input::Receive {
            deadline: deadline.clone(),
        },
        Input::Return {
            back: sent_back(),
            due: limit.clone(),
            stopped: stopped.clone(),
        },
        Input::SendBack {
            back: sent_back(),
            station: 0,
            deadline: deadline.clone(),
        },
        Input::Resubmit {
            verdict: "eligible".to_owned(),
            deadline: deadline.clone(),
        },
        Input::Appraise {
            meets: true,
            text: text(),
        },
        Input::Appraise {
            meets: false,
            text: text(),
        },
        Input::Publish {
            days: 5,
            until: limit.clone(),
        },
        Input::Publish {
            days: 10,
            until: limit.clone(),
        },
        Input::Comment {
            text: text(),
            signed: true,
            stopped: stopped.clone(),
        },
        Input::Comment {
            text: text(),
            signed: false,
            stopped: None,
        },
        // Due at the instant of every step: silence can lapse at once.
        consult("so-noi-vu-hung-yen", 1),
        reply("so-noi-vu-hung-yen", false),
        Input::ConsultationOver { after: None },
        Input::Tabled,
        Input::Released,
        Input::Concluded { passed: true },
        Input::Concluded { passed: false },
        Input::Sign {
            letter: "1/TTr".to_owned(),
        },
        Input::Lower {
            lowered: Lowered {
                from: "chien-si-thi-dua-toan-quoc".to_owned(),
                to: "chien-si-thi-dua-bo-ban-nganh-tinh".to_owned(),
                reason: text(),
                on: DAY,
                agency: "tinh-hung-yen".to_owned(),
            },
            route: Box::new(decided_by_the_province(procedure)),
        },
        Input::Decide {
            award: true,
            power: true,
            decided: decided("1/QĐ"),
        },
        Input::Decide {
            award: true,
            power: false,
            decided: decided("1/QĐ"),
        },
        Input::Decide {
            award: true,
            power: true,
            decided: decided(""),
        },
        Input::Decide {
            award: false,
            power: true,
            decided: decided(""),
        },
        Input::Suspend {
            because: text(),
            stopped,
        },
        Input::Resume { deadline },
        Input::Withdraw { reason: text() },
        Input::Recall,
        Input::Present(Presentation {
            on: DAY,
            occasion: text(),
            agency: "chu-tich-nuoc".to_owned(),
        }),
        amend(AmendmentKind::Correct),
        amend(AmendmentKind::Revoke),
        amend(AmendmentKind::Restore),
        amend(AmendmentKind::Reissue),
        Input::Died {
            on: DAY,
            source: "trích lục khai tử 12/TL".to_owned(),
        },
        Input::Moved(Move {
            from: "so-noi-vu-hung-yen".to_owned(),
            to: "tinh-vinh-long".to_owned(),
            on: DAY,
            source: "12/QĐ".to_owned(),
        }),
        Input::TakeOver(TakeOver {
            from: "tinh-hung-yen".to_owned(),
            to: "tinh-vinh-long".to_owned(),
            on: DAY,
        }),
        Input::PublicationOver,
        Input::LimitOver,
        Input::Remind,
        // To the day that it has: another one would only be as many states again.
        recount(&limit),
    ]
    .into_iter()
    .map(on)
    .collect()
}
