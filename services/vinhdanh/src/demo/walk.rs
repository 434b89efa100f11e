//! A sample's way, station by station: what its course waits for is what is done next.

use access::Role;
use anyhow::{Context, bail};
use law::{Law, Route, Station};
use proto::{
    approval::v1::{Course, Step},
    council::v1::{Choice, Review},
};
use time::{Date, macros::format_description};

use super::{
    office::{self, Office, morning},
    samples::{End, Sample},
    story::{Story, Told},
};
use crate::drive::{Act, Case, Reply, member, members};

/// More than the longest way has; a way without end is a fault.
const STEPS_MAX: usize = 60;

/// What a course needs to go on.
#[derive(Debug)]
enum Next {
    /// Nothing: it is over, or waits for what does not come today.
    Over,
    /// The last day of the publication to pass.
    Until(Date),
    /// An act of whoever it waits on.
    Do(Act),
    /// Its council.
    Council,
}

/// Hands a sample in and takes it as far as its law and verdict take it; how its course then stands.
pub async fn walk(office: &Office, sample: &Sample, story: &mut Story) -> anyhow::Result<Course> {
    let mut case = Case::default();
    submit(office, sample, &mut case, story).await?;
    office.quiet().await?;
    office.after_its_history(&case.dossier).await?;
    for _ in 0..STEPS_MAX {
        office.quiet().await?;
        let course = office.course(&case.dossier).await?;
        let station = station(&course)?;
        match next(&course, &station, sample)? {
            Next::Over => return Ok(course),
            Next::Until(last_day) => {
                let after = Law::embedded().calendar().nth_working_day_after(last_day, 1);
                office
                    .not_before(morning(after.map_err(|none| anyhow::anyhow!("{none}"))?))
                    .await?;
            }
            Next::Do(act) => {
                let (role, agency) = office::role_and_agency(&course.waiting_on)?;
                let actor = office.official(role, agency)?;
                let act = numbered(act, sample, &actor.agency, &office.acting(&sample.submitting_agency)?);
                let what = format!("{}/{}", course.level, act.word());
                let reply = office.act(sample.name, &what, &actor, &act, &mut case).await?;
                story.told(Told::act(office.today(), sample, &course.level, &actor, &act, &reply));
            }
            Next::Council => hold(office, sample, &mut case, &course, &station, story).await?,
        }
    }
    bail!("{}: no end after {STEPS_MAX} steps", sample.name);
}

/// The candidate's agency proposes, or whoever acts for it by now.
async fn submit(office: &Office, sample: &Sample, case: &mut Case, story: &mut Story) -> anyhow::Result<()> {
    let clerk = office.official(Role::Clerk, &sample.proposer)?;
    let create = Act::Create {
        content: sample.content.to_owned(),
    };
    let draft = office.act(sample.name, "create", &clerk, &create, case).await?;
    if let Reply::Dossier(draft) = &draft
        && draft.verdict != sample.expected.verdict
    {
        bail!(
            "{}: intake judges it {}, not {}",
            sample.name,
            draft.verdict,
            sample.expected.verdict
        );
    }
    let own = sample.proposer == sample.submitting_agency;
    let letter = if own {
        sample.letter.clone()
    } else {
        letter(sample, &clerk.agency)
    };
    let submit = Act::Submit { letter };
    let reply = office.act(sample.name, "submit", &clerk, &submit, case).await?;
    story.told(Told::act(office.today(), sample, "", &clerk, &submit, &reply));
    Ok(())
}

fn station(course: &Course) -> anyhow::Result<Station> {
    let route: Route = serde_json::from_str(&course.route).context("the route of a course")?;
    let found = route
        .stations
        .into_iter()
        .find(|station| station.level.as_str() == course.level);
    found.with_context(|| {
        format!(
            "no station at level {} on the route of {}",
            course.level, course.dossier
        )
    })
}

/// What a course needs to go on, by where it stands and by its verdict alone.
fn next(course: &Course, station: &Station, sample: &Sample) -> anyhow::Result<Next> {
    Ok(match (course.status.as_str(), course.step()) {
        ("returned", _) => Next::Do(Act::Supplement {
            documents: sample.expected.missing.clone(),
        }),
        ("in-review", Step::Receiving) => Next::Do(Act::Receive),
        ("in-review", Step::Appraising) => Next::Do(match course.verdict.as_str() {
            "incomplete" => {
                let missing = sample.expected.missing.join(", ");
                Act::Return {
                    reason: format!("Hồ sơ còn thiếu: {missing}"),
                }
            }
            "on-hold" => Act::Suspend {
                because: "Đang được thanh tra; chưa xem xét".to_owned(),
            },
            verdict => Act::Appraise {
                meets: verdict != "not-eligible",
            },
        }),
        ("in-review", Step::Publishing) if course.waiting_on.is_empty() => Next::Until(last_day(&course.waiting_for)?),
        ("in-review", Step::Publishing) => {
            let days = station.publication.as_ref().map_or(0, |rule| rule.days);
            Next::Do(Act::Publish { days })
        }
        ("in-review", Step::InCouncil) if course.council == "failed" => Next::Do(refusal()),
        ("in-review", Step::InCouncil) => Next::Council,
        ("in-review", Step::Signing | Step::Deciding) if sample.end() == End::Refused => Next::Do(refusal()),
        // Their numbers are given when it is known who acts.
        ("in-review", Step::Signing) => Next::Do(Act::Sign { letter: String::new() }),
        ("in-review", Step::Deciding) => Next::Do(Act::Award { number: String::new() }),
        ("awarded" | "refused" | "suspended", _) => Next::Over,
        (status, step) => bail!(
            "{} stands at {status}, {}: the demo knows no way on",
            sample.name,
            step.as_str_name()
        ),
    })
}

fn refusal() -> Act {
    Act::Refuse {
        reason: "Hội đồng không thông qua; chưa đủ tiêu chuẩn".to_owned(),
    }
}

/// `publication until 2025-09-26`.
fn last_day(waiting_for: &str) -> anyhow::Result<Date> {
    let day = waiting_for.rsplit(' ').next().unwrap_or_default();
    Date::parse(day, format_description!("[year]-[month]-[day]"))
        .with_context(|| format!("it waits for `{waiting_for}`, which names no day"))
}

/// The letter that the file names is the one that its submitting agency signs; other papers get numbers of the demo.
fn numbered(act: Act, sample: &Sample, agency: &str, submitting: &str) -> Act {
    match act {
        Act::Sign { .. } if agency == submitting => Act::Sign {
            letter: sample.letter.clone(),
        },
        Act::Sign { .. } => Act::Sign {
            letter: letter(sample, agency),
        },
        Act::Award { .. } => Act::Award {
            number: format!("{}/QĐ-{}", 1_000 + sample.number, initials(agency)),
        },
        other => other,
    }
}

fn letter(sample: &Sample, agency: &str) -> String {
    format!("{}/TTr-{}", 500 + sample.number, initials(agency))
}

/// An agency as its papers abbreviate it.
fn initials(agency: &str) -> String {
    match agency {
        "chu-tich-nuoc" => "CTN".to_owned(),
        "thu-tuong-chinh-phu" => "TTg".to_owned(),
        _ if ["tinh-", "thanh-pho-", "quan-", "huyen-", "phuong-", "xa-"]
            .iter()
            .any(|kind| agency.starts_with(kind)) =>
        {
            "UBND".to_owned()
        }
        _ => agency
            .split('-')
            .filter_map(|word| word.chars().next())
            .map(|first| first.to_ascii_uppercase())
            .collect(),
    }
}

/// How many sit in a council of the demo.
fn seats(station: &Station) -> u32 {
    match station.level.as_str() {
        "unit" => 5,
        "district" | "department" => 7,
        _ => 9,
    }
}

/// A council's session, from calling it to its signed minutes. The last member is away and writes.
async fn hold(
    office: &Office,
    sample: &Sample,
    case: &mut Case,
    course: &Course,
    station: &Station,
    story: &mut Story,
) -> anyhow::Result<()> {
    let rule = station
        .council
        .as_ref()
        .with_context(|| format!("{}: in council without one", sample.name))?;
    let (council, seats) = (office.acting(&rule.agency)?, seats(station));
    let officer = office.official(Role::Officer, &station.appraiser)?;
    let secretary = office.official(Role::Secretary, &council)?;
    let what = |verb: &str| format!("{}/{verb}", course.level);
    let mut present = members(&council, seats);
    let convene = Act::Convene {
        council: council.clone(),
        members: present.clone(),
    };
    office
        .act(sample.name, &what("convene"), &officer, &convene, case)
        .await?;
    let writing = present.split_off(seats as usize - 1);
    let attend = Act::Attend { present, writing };
    office
        .act(sample.name, &what("attend"), &secretary, &attend, case)
        .await?;
    for number in 1..=seats {
        let choice = match sample.end() {
            End::Refused if number == seats => Choice::Blank,
            End::Refused if number > 2 => Choice::No,
            _ => Choice::Yes,
        };
        let what = what(&format!("ballot/{number}"));
        office
            .act(
                sample.name,
                &what,
                &member(&council, number),
                &Act::Ballot(choice),
                case,
            )
            .await?;
    }
    let closed = office
        .act(sample.name, &what("close"), &secretary, &Act::Close, case)
        .await?;
    office
        .act(sample.name, &what("minute"), &secretary, &Act::Minute, case)
        .await?;
    let review = counted(closed, &case.dossier).with_context(|| format!("{}: nothing was counted", sample.name))?;
    story.told(Told::vote(
        office.today(),
        sample,
        &course.level,
        &secretary,
        seats,
        &review,
    ));
    Ok(())
}

fn counted(closed: Reply, dossier: &str) -> Option<Review> {
    let Reply::Session(session) = closed else { return None };
    session
        .reviews
        .into_iter()
        .find(|review| review.dossier == dossier && review.counted)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn the_end_of_a_publication_is_read_from_what_the_course_waits_for() {
        assert_eq!(last_day("publication until 2025-09-26").unwrap(), date!(2025 - 09 - 26));
        assert!(last_day("").is_err());
    }

    #[test]
    fn papers_are_abbreviated_as_offices_do() {
        assert_eq!(initials("tinh-hung-yen"), "UBND");
        assert_eq!(initials("so-noi-vu-hung-yen"), "SNVHY");
        assert_eq!(initials("chu-tich-nuoc"), "CTN");
    }

    #[test]
    fn the_verdict_says_what_an_officer_does() {
        let samples = Sample::all().unwrap();
        let sample = |verdict: &str| {
            samples
                .iter()
                .find(|sample| sample.expected.verdict == verdict)
                .unwrap()
        };
        let station: Station = serde_json::from_value(serde_json::json!({
            "level": "department", "appraiser": "x", "signer": null, "decider": null, "council": null,
            "publication": null
        }))
        .unwrap();
        let done = |verdict: &str| {
            let course = Course {
                status: "in-review".to_owned(),
                step: Step::Appraising.into(),
                verdict: verdict.to_owned(),
                ..Course::default()
            };
            match next(&course, &station, sample(verdict)).unwrap() {
                Next::Do(act) => act.word(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(done("eligible"), "appraise");
        assert_eq!(done("not-eligible"), "appraise");
        assert_eq!(done("incomplete"), "return");
        assert_eq!(done("on-hold"), "suspend");
    }
}
