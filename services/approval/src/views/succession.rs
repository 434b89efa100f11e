//! Who acts in whose place today: agencies end, and their successors hold their dossiers.

use law::Agencies;
use proto::approval::v1::Course as CourseMessage;

/// An agency and all whose place it takes today: who acts for one acts for the others.
pub(crate) fn acting<'a>(agencies: &'a Agencies, code: &'a str, today: time::Date) -> Vec<&'a str> {
    let mut all = vec![code];
    all.extend(agencies.acting_on(code, today).map(|agency| agency.code.as_str()));
    all
}

/// In whose place an agency acts today: its own, and that of each agency whose successor it is.
pub(crate) fn places(agencies: &Agencies, code: &str, today: time::Date) -> Vec<String> {
    let taken = |one: &law::Agency| {
        one.code != code
            && agencies
                .acting_on(&one.code, today)
                .is_some_and(|acting| acting.code == code)
    };
    let mut all = vec![code.to_owned()];
    all.extend(agencies.iter().filter(|one| taken(one)).map(|one| one.code.clone()));
    all
}

/// The course as it stands today: where an agency has ended, its successor holds the dossier.
pub(crate) fn today(mut course: CourseMessage, agencies: &Agencies, today: time::Date) -> CourseMessage {
    if let Some(acting) = agencies.acting_on(&course.agency, today) {
        course.agency.clone_from(&acting.code);
    }
    if let Some((role, agency)) = course.waiting_on.split_once('@')
        && let Some(acting) = agencies.acting_on(agency, today)
    {
        course.waiting_on = format!("{role}@{}", acting.code);
    }
    course
}
