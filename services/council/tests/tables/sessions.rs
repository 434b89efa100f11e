//! Counts, presence, minutes and seats, case by case.

use super::*;

#[test]
fn votes_are_counted_as_the_rule_says() {
    // (threshold, more than half, denominator, members, attending, yes, no) → (base, passed)
    let cases = [
        ((90, false, Denominator::AllMembers, 10, 8, 8, 0), (10, false)),
        ((90, false, Denominator::AllMembers, 10, 9, 9, 0), (10, true)),
        ((90, false, Denominator::AllMembers, 11, 11, 10, 1), (11, true)),
        ((90, false, Denominator::AllMembers, 11, 11, 9, 2), (11, false)),
        ((80, false, Denominator::AllMembers, 9, 8, 8, 0), (9, true)),
        ((80, false, Denominator::AllMembers, 9, 8, 7, 1), (9, false)),
        ((0, true, Denominator::AllMembers, 7, 6, 4, 2), (7, true)),
        ((0, true, Denominator::AllMembers, 8, 8, 4, 4), (8, false)),
        ((80, false, Denominator::Present, 10, 5, 4, 1), (5, true)),
        ((80, false, Denominator::Present, 10, 5, 3, 2), (5, false)),
    ];
    for (case, expected) in cases {
        let (threshold_percent, more_than_half, denominator, members, attending, yes, no) = case;
        for ballot in [Ballot::Secret, Ballot::Open] {
            let rule = CouncilRule {
                threshold_percent,
                more_than_half,
                denominator,
                ..rule(ballot)
            };
            let voters: Vec<String> = (1..=attending).map(|n| format!("m{n}")).collect();
            let mut way = due(ballot);
            way.push(table_by("s", Terms::of(&rule, None)));
            for (at, member) in voters.iter().take((yes + no) as usize).enumerate() {
                let choice = if (at as u32) < yes { Choice::Yes } else { Choice::No };
                way.push(cast(member, (ballot == Ballot::Open).then_some(choice)));
            }
            let [yes_boxed, no_boxed] = if ballot == Ballot::Open { [0, 0] } else { [yes, no] };
            way.push(ReviewInput::Tally {
                members,
                attending: voters.iter().cloned().collect(),
                quorate: true,
                yes: yes_boxed,
                no: no_boxed,
                blank: 0,
            });
            let counts = through::<Review>(way).data.round.counts.expect("counted");
            assert_eq!((counts.yes, counts.no, counts.blank), (yes, no, 0), "{case:?}");
            assert_eq!((counts.base, counts.passed), expected, "{case:?}");
        }
    }
}

#[test]
fn a_written_opinion_is_a_vote_and_no_presence() {
    let people = |range: std::ops::RangeInclusive<u32>| range.map(|n| format!("m{n}")).collect::<Vec<_>>();
    let nine = Call {
        roster: people(1..=9)
            .iter()
            .map(|subject| on_council(subject, Function::Member))
            .collect(),
        ..Call::default()
    };
    let attend = |present, writing| SessionInput::Attend {
        present: people(1..=present),
        writing,
    };
    assert_eq!(terms(Ballot::Secret).quorum_of(9), 6);
    assert_eq!(
        through::<Session>([convene(nine.clone(), 6), attend(6, people(7..=8))]).state_name(),
        "quorate"
    );
    assert_eq!(
        through::<Session>([convene(nine, 6), attend(5, people(6..=9))]).state_name(),
        "convened"
    );
}

#[test]
fn a_vice_chair_presides_when_the_chair_is_absent_and_nobody_else() {
    let called = through::<Session>([convene(call(true), 1)]);
    let presides = |present: &[&str]| called.data.presiding(&people(present)).map(ToOwned::to_owned);
    assert_eq!(presides(&["m3", "m2", "m1"]).as_deref(), Some("m1"));
    assert_eq!(presides(&["m3", "m2"]).as_deref(), Some("m2"));
    assert_eq!(presides(&["m3"]), None);
    assert_eq!(reason(&called, attend(&["m3"], &[])), "NOBODY_PRESIDES");
    let named = Call {
        regulation: Some(Regulation {
            stand_in: Some("m3".to_owned()),
            ..Regulation::default()
        }),
        ..call(true)
    };
    let stands_in = through::<Session>([convene(named, 1), attend(&["m3"], &[])]);
    assert_eq!(
        (stands_in.state_name().as_str(), stands_in.data.chair()),
        ("quorate", "m3")
    );
    let given = through::<Session>([convene(call(false), 1), attend(&["m3"], &[])]);
    assert_eq!(given.data.chair(), "m3");
}

#[test]
fn who_has_voted_stays_and_so_does_the_quorum() {
    let voted = SessionInput::Voted {
        member: "m2".to_owned(),
    };
    let at = through::<Session>([convene(call(true), 2), attend(&["m1", "m2"], &[]), voted]);
    assert_eq!(reason(&at, attend(&["m1", "m3"], &[])), "VOTED_ALREADY");
    assert_eq!(reason(&at, attend(&["m2"], &[])), "NOT_QUORATE");
    assert_eq!(
        reason(&at, SessionInput::Cancel { reason: String::new() }),
        "VOTED_ALREADY"
    );
    assert_eq!(reason(&at, SessionInput::Add { items: 1, quorum: 3 }), "NOT_QUORATE");
}

#[test]
fn an_adjourned_session_goes_on_that_day_and_not_before() {
    let voted = SessionInput::Voted {
        member: "m2".to_owned(),
    };
    let away = through::<Session>([convene(call(true), 2), attend(&["m1", "m2"], &["m3"]), voted, adjourn()]);
    assert_eq!(away.state_name(), "adjourned");
    assert_eq!(away.data.standing(&away.state, "m2"), Standing::Adjourned);
    assert_eq!(reason(&away, attend(&["m2", "m3"], &[])), "SESSION_ADJOURNED");
    assert_eq!(reason(&away, SessionInput::Close), "SESSION_ADJOURNED");
    assert_eq!(
        reason(&away, SessionInput::Cancel { reason: String::new() }),
        "VOTED_ALREADY"
    );
    // Who voted on the first day need not come on the second.
    let on_day_two = by("", 3, attend(&["m1", "m3"], &[]));
    let again = step(&away, &on_day_two).expect("it goes on").next;
    assert_eq!(again.state_name(), "quorate");
    assert_eq!(again.data.attending_since(Timestamp(0)).len(), 3);
    assert_eq!(again.data.attending_since(Timestamp(2)).len(), 2);
}

#[test]
fn the_minutes_of_a_constituted_council_take_two_signatures() {
    let closed = [
        convene(call(true), 2),
        attend(&["m2", "m3"], &[]),
        SessionInput::Close,
        SessionInput::PageDone,
        SessionInput::PageDone,
    ];
    let closed = through::<Session>(closed);
    assert_eq!(closed.state_name(), "closed");
    let drafted = step(&closed, &by("t1", 1, minute("d"))).expect("drafted").next;
    let refused = |by: Stimulus<SessionInput>| step(&drafted, &by).expect_err("refused").reason;
    assert_eq!(refused(by("m1", 1, sign("d"))), "NOT_THE_CHAIR");
    assert_eq!(refused(by("m2", 1, sign("old"))), "MINUTES_CHANGED");
    let signed = step(&drafted, &by("m2", 1, sign("d"))).expect("signed").next;
    assert_eq!(signed.state_name(), "concluding");
    let who: Vec<_> = signed
        .data
        .signatures
        .iter()
        .map(|one| (one.subject.as_str(), one.attested))
        .collect();
    assert_eq!(who, [("t1", false), ("m2", false)]);
}

#[test]
fn a_council_sits_by_date() {
    let day = |year| time::Date::from_calendar_date(year, time::Month::June, 1).expect("a day");
    let set = |charter| CouncilInput::Set {
        agency: COUNCIL.to_owned(),
        kind: Kind::Commendation,
        charter,
    };
    let holder = |subject: &str, from, to| Holder {
        subject: subject.to_owned(),
        from,
        to,
        ..Holder::default()
    };
    let mut first = charter(day(2020));
    first.seats[2].holders = vec![
        holder("old", None, Some(day(2022))),
        holder("new", Some(day(2022)), None),
    ];
    let end = CouncilInput::Dissolve {
        on: day(2027),
        document: String::new(),
    };
    let council = through::<Council>([set(charter(day(2025))), set(first), end]).data;
    let sits = |year| -> Option<Vec<String>> {
        let roster = council.charter_on(day(year))?.roster_on(day(year));
        Some(roster.into_iter().map(|member| member.subject).collect())
    };
    assert_eq!(sits(2019), None);
    assert_eq!(sits(2021), Some(people(&["old", "m2", "t1"])));
    assert_eq!(sits(2023), Some(people(&["new", "m2", "t1"])));
    assert_eq!(sits(2026), Some(people(&["m1", "m2", "t1"])));
    assert_eq!(sits(2027), None);
}
