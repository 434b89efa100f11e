//! The arithmetic of a council against a calculation that is obvious and shares nothing with it: a list of people, each
//! with what they did, counted one by one; shares compared by cross-multiplying what was counted.

use std::collections::{BTreeMap, BTreeSet};

use council::machine::{Choice, Ground, Recused, Regulation, Review, ReviewInput, Standing, Terms, Turnout};
use law::{Ballot, CouncilRule, Denominator, Fraction};
use machine::{Actor, Snapshot, Stimulus, Timestamp, step};

/// One person on the council.
#[derive(Clone, Copy)]
struct Person {
    comes: bool,
    writes: bool,
    recused: bool,
    says_yes: bool,
}

/// `present` come, the next `written` write, the first `recused` of all are recused; of those who may vote `yes` say yes.
fn people(members: u32, present: u32, written: u32, recused: u32, yes: u32) -> Vec<Person> {
    let mut left = yes;
    (0..members)
        .map(|n| {
            let (comes, writes) = (n < present, n >= present && n < present + written);
            let recused = n < recused;
            let says_yes = (comes || writes) && !recused && left > 0;
            left -= u32::from(says_yes);
            Person {
                comes,
                writes,
                recused,
                says_yes,
            }
        })
        .collect()
}

/// What the law's words say, word by word.
fn obvious(all: &[Person], share: Option<(u32, u32)>, present_only: bool, recused_out: bool) -> (u32, bool) {
    let mut base = 0;
    let mut yes = 0;
    for person in all {
        let counts = (!present_only || person.comes || person.writes) && !(recused_out && person.recused);
        base += u32::from(counts);
        yes += u32::from(person.says_yes);
    }
    let passes = match share {
        // At least so many parts of the base.
        Some((parts, of)) => yes * of >= parts * base,
        None => yes + yes > base,
    };
    (base, base > 0 && passes)
}

fn law(percent: u32, denominator: Denominator) -> CouncilRule {
    CouncilRule {
        agency: "a".to_owned(),
        threshold_percent: percent,
        more_than_half: percent == 0,
        denominator,
        quorum: Fraction { num: 2, den: 3 },
        ballot: Ballot::Secret,
        article: None,
        confirmed: true,
    }
}

/// Terms, and what an independent count needs of them.
type Way = (Terms, Option<(u32, u32)>, bool, bool);

/// Every way in which a share and a base come about: (terms, share, of those attending, recused out).
fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for denominator in [Denominator::AllMembers, Denominator::Present] {
        let present = denominator == Denominator::Present;
        for percent in [80, 90] {
            // By law: the regulation changes nothing, whatever it says.
            let own = Regulation {
                threshold: Some(Fraction { num: 1, den: 10 }),
                of: Some(Denominator::Present),
                recused: Recused::Leave,
                ..Regulation::default()
            };
            let rule = law(percent, denominator);
            ways.push((Terms::of(&rule, None), Some((percent, 100)), present, false));
            ways.push((Terms::of(&rule, Some(&own)), Some((percent, 100)), present, false));
        }
        for recused in [Recused::Stay, Recused::Leave] {
            for threshold in [None, Some((2, 3)), Some((3, 4)), Some((70, 100))] {
                let own = Regulation {
                    threshold: threshold.map(|(num, den)| Fraction { num, den }),
                    of: Some(denominator),
                    recused,
                    ..Regulation::default()
                };
                let terms = Terms::of(&law(0, Denominator::AllMembers), Some(&own));
                ways.push((terms, threshold, present, recused == Recused::Leave));
            }
        }
    }
    ways
}

#[test]
fn every_council_of_5_to_31_counts_as_counting_on_fingers_does() {
    let (mut cases, mut passed) = (0_u32, 0_u32);
    for (terms, share, present_only, recused_out) in ways() {
        for members in 5..=31 {
            for present in 0..=members {
                for written in [0, 1, 2, (members - present) / 2, members - present] {
                    if present + written > members {
                        continue;
                    }
                    for recused in 0..=3_u32 {
                        let able = u32::saturating_sub(present + written, recused);
                        for yes in 0..=able {
                            let all = people(members, present, written, recused, yes);
                            let turnout = Turnout {
                                members,
                                attending: present + written,
                                recused,
                                recused_attending: u32::min(recused, present + written),
                            };
                            let (base, passes) = obvious(&all, share, present_only, recused_out);
                            assert_eq!(
                                (terms.base(turnout), terms.passed(yes, turnout)),
                                (base, passes),
                                "{terms:?} {turnout:?} yes {yes}"
                            );
                            cases += 1;
                            passed += u32::from(passes);
                        }
                    }
                }
            }
        }
    }
    // Both outcomes were met, often.
    assert!(cases > 1_000_000 && passed > cases / 10, "{passed} of {cases}");
}

#[test]
fn more_than_half_and_two_thirds_are_met_at_exactly_these_counts() {
    let needed = |terms: &Terms, members| {
        let turnout = Turnout {
            members,
            attending: members,
            recused: 0,
            recused_attending: 0,
        };
        (0..=members).find(|yes| terms.passed(*yes, turnout))
    };
    let of = |percent| Terms::of(&law(percent, Denominator::AllMembers), None);
    let two_thirds = Terms::of(
        &law(0, Denominator::AllMembers),
        Some(&Regulation {
            threshold: Some(Fraction { num: 2, den: 3 }),
            ..Regulation::default()
        }),
    );
    // (members, more than half, two thirds, 80 %, 90 %): the column a secretary has on the wall.
    for (members, half, thirds, eighty, ninety) in [
        (5, 3, 4, 4, 5),
        (7, 4, 5, 6, 7),
        (9, 5, 6, 8, 9),
        (10, 6, 7, 8, 9),
        (11, 6, 8, 9, 10),
        (15, 8, 10, 12, 14),
        (20, 11, 14, 16, 18),
        (31, 16, 21, 25, 28),
    ] {
        let found = [of(0), two_thirds.clone(), of(80), of(90)].map(|terms| needed(&terms, members));
        assert_eq!(found, [half, thirds, eighty, ninety].map(Some), "{members} members");
    }
}

#[test]
fn a_quorum_is_the_next_whole_member_of_all() {
    for members in 5..=31_u32 {
        let two_thirds = Terms::of(&law(90, Denominator::AllMembers), None).quorum_of(members);
        assert!(
            two_thirds * 3 >= members * 2 && (two_thirds - 1) * 3 < members * 2,
            "{members}"
        );
    }
    let stricter = Regulation {
        quorum: Some(Fraction { num: 3, den: 4 }),
        ..Regulation::default()
    };
    let laxer = Regulation {
        quorum: Some(Fraction { num: 1, den: 2 }),
        ..Regulation::default()
    };
    let article = CouncilRule {
        article: Some("Đ45".to_owned()),
        ..law(90, Denominator::AllMembers)
    };
    assert_eq!(Terms::of(&article, Some(&stricter)).quorum_of(12), 9);
    assert_eq!(Terms::of(&article, Some(&laxer)).quorum_of(12), 8);
    assert_eq!(
        Terms::of(&law(0, Denominator::AllMembers), Some(&laxer)).quorum_of(12),
        6
    );
}

/// One round before a council: recusals, ballots (of those who do not say yes, every second one blank), and the count.
fn round(session: &str, award: &str, terms: &Terms, all: &[Person]) -> Vec<ReviewInput> {
    let name = |n: usize| format!("m{n}");
    let named = |which: &dyn Fn(&Person) -> bool| -> BTreeSet<String> {
        let found = all.iter().enumerate().filter(|(_, person)| which(person));
        found.map(|(n, _)| name(n)).collect()
    };
    let recused = named(&|person| person.recused);
    let mut inputs = vec![
        ReviewInput::Due {
            award: award.to_owned(),
            rule: law(0, Denominator::AllMembers),
        },
        ReviewInput::Table {
            session: session.to_owned(),
            meeting: "a".to_owned(),
            terms: terms.clone(),
            recused: recused
                .into_iter()
                .map(|name| (name, Ground::Kin))
                .collect::<BTreeMap<_, _>>(),
        },
    ];
    let mut boxed = [0; 3];
    for (n, person) in all.iter().enumerate() {
        if person.recused || !(person.comes || person.writes) {
            continue;
        }
        let choice = choice(n, person);
        if terms.ballot == Ballot::Secret {
            boxed[choice as usize - Choice::Yes as usize] += 1;
        }
        inputs.push(ReviewInput::BallotCast {
            session: session.to_owned(),
            member: name(n),
            standing: Standing::Votes,
            choice: (terms.ballot == Ballot::Open).then_some(choice),
        });
    }
    let [yes, no, blank] = boxed;
    inputs.push(ReviewInput::Tally {
        members: all.len() as u32,
        attending: named(&|person| person.comes || person.writes),
        quorate: true,
        yes,
        no,
        blank,
    });
    inputs.push(ReviewInput::Conclude);
    inputs
}

fn choice(n: usize, person: &Person) -> Choice {
    match person.says_yes {
        true => Choice::Yes,
        false if n.is_multiple_of(2) => Choice::No,
        false => Choice::Blank,
    }
}

fn after(at: Snapshot<Review>, inputs: Vec<ReviewInput>) -> Snapshot<Review> {
    inputs.into_iter().fold(at, |at, input| {
        let stimulus = Stimulus {
            input,
            by: Actor::default(),
            at: Timestamp(1),
        };
        step(&at, &stimulus).expect("accepted").next
    })
}

/// The same through the machine, openly and into the box, and once more for a lower award where it failed.
#[test]
fn the_machine_counts_what_the_people_did_in_the_second_round_too() {
    let (mut second_rounds, mut blanks) = (0, 0);
    for (terms, share, present_only, recused_out) in ways() {
        for ballot in [Ballot::Open, Ballot::Secret] {
            let terms = Terms {
                ballot,
                ..terms.clone()
            };
            for (members, present, written, recused, yes) in [
                (5, 4, 1, 0, 4),
                (9, 7, 1, 1, 7),
                (10, 8, 0, 0, 8),
                (15, 12, 2, 2, 12),
                (31, 25, 3, 1, 20),
                (7, 5, 0, 3, 2),
            ] {
                let mut at = after(Snapshot::default(), vec![opened()]);
                // The second time fewer stay away from it, and everybody who can says yes.
                for (award, yes) in [("a", yes), ("lower", present + written)] {
                    let all = people(members, present, written, recused, yes);
                    at = after(at, round(award, award, &terms, &all));
                    let counts = at.data.round.counts.expect("counted");
                    let said = |which: Choice| {
                        let able = all
                            .iter()
                            .enumerate()
                            .filter(|(_, one)| !one.recused && (one.comes || one.writes));
                        able.filter(|(n, one)| choice(*n, one) == which).count() as u32
                    };
                    let expected = obvious(&all, share, present_only, recused_out);
                    assert_eq!(
                        (counts.base, counts.passed),
                        expected,
                        "{terms:?} {members} {present} {written}"
                    );
                    assert_eq!(
                        (counts.yes, counts.no, counts.blank),
                        (said(Choice::Yes), said(Choice::No), said(Choice::Blank))
                    );
                    assert_eq!(at.data.award(), award);
                    blanks += counts.blank;
                    if counts.passed {
                        break;
                    }
                    second_rounds += u32::from(award == "a");
                }
            }
        }
    }
    assert!(
        second_rounds > 50 && blanks > 100,
        "{second_rounds} second rounds, {blanks} blank ballots"
    );
}

fn opened() -> ReviewInput {
    ReviewInput::Open(council::machine::Opening {
        dossier: "d".to_owned(),
        award: "a".to_owned(),
        candidate_agency: String::new(),
        candidate_person: String::new(),
        station: 0,
        rule: law(0, Denominator::AllMembers),
        here: true,
    })
}
