//! `vinhdanh law calendar`: the years of the working calendar, and deadlines counted day by day, so that a clerk can
//! count along.

use anyhow::Context;
use clap::Args;
use law::{Calendar, CalendarYear, Date, DayKind, DayUnit, Law};
use serde_json::{Value, json};

use super::day;
use crate::output::{Output, Record, aligned};

/// What to show of the calendar, or to count.
#[derive(Args, Debug)]
pub struct CalendarArgs {
    /// Một năm: ngày nghỉ, ngày làm bù. One year: its days off, and what is worked in exchange.
    #[arg(long, value_name = "YEAR", conflicts_with = "from")]
    year: Option<i32>,
    /// Tính từ ngày này. Count from this day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Date>,
    /// Bao nhiêu ngày làm việc. How many working days.
    #[arg(long, value_name = "N", requires = "from", conflicts_with = "days")]
    working: Option<u32>,
    /// Bao nhiêu ngày, kể cả ngày nghỉ. How many days, days off too.
    #[arg(long, value_name = "N", requires = "from")]
    days: Option<u32>,
    /// Thời gian công khai: tính cả ngày đầu. A publication: the first day counts.
    #[arg(long, requires = "working")]
    publication: bool,
}

impl CalendarArgs {
    /// Answers.
    ///
    /// # Errors
    /// A year without data.
    pub fn run(self, law: &Law, output: Output) -> anyhow::Result<u8> {
        let calendar = law.calendar();
        match (self.year, self.from) {
            (Some(year), _) => one_year(calendar, year, output)?,
            (None, Some(from)) => {
                let term = match (self.working, self.days) {
                    (_, Some(days)) => (days, DayUnit::Calendar),
                    (working, None) => (working.unwrap_or(0), DayUnit::Working),
                };
                let counted = Counted::new(calendar, from, term, self.publication)?;
                output.result(&counted.json(calendar), || counted.text(calendar));
            }
            (None, None) => {
                let years: Vec<&CalendarYear> = calendar.years().filter_map(|year| calendar.year(year)).collect();
                output.many(&years);
            }
        }
        Ok(0)
    }
}

fn one_year(calendar: &Calendar, year: i32, output: Output) -> anyhow::Result<()> {
    let found = calendar.year(year).with_context(|| {
        let known: Vec<String> = calendar.years().map(|year| year.to_string()).collect();
        format!(
            "lịch không có dữ liệu năm / the calendar has no data for the year {year}; there are {}",
            known.join(", ")
        )
    })?;
    let mut value = found.json();
    value["calendar"] = calendar.digest().into();
    output.result(&value, || {
        let mut lines = vec![format!("{year}{}", if found.confirmed { "" } else { UNCONFIRMED })];
        lines.extend(found.note.iter().map(|note| format!("  {note}")));
        let listed = |days: &[Date]| {
            days.iter()
                .map(|day| format!("{} {day}", weekday(*day)))
                .collect::<Vec<_>>()
        };
        lines.push(format!("  Nghỉ (off): {}", listed(&found.off).join(", ")));
        if !found.worked.is_empty() {
            lines.push(format!(
                "  Làm bù (worked in exchange): {}",
                listed(&found.worked).join(", ")
            ));
        }
        lines.join("\n")
    });
    Ok(())
}

const UNCONFIRMED: &str = " chưa xác nhận (unconfirmed)";

impl Record for &CalendarYear {
    const TABLE: &'static [&'static str] = &["year", "confirmed", "note"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        let text = |days: &[Date]| days.iter().map(Date::to_string).collect::<Vec<_>>();
        json!({
            "year": self.year,
            "confirmed": self.confirmed,
            "note": self.note,
            "off": text(&self.off),
            "worked": text(&self.worked),
        })
    }
}

/// A deadline, with every day on the way to it.
struct Counted {
    from: Date,
    days: u32,
    unit: DayUnit,
    from_counts: bool,
    until: Date,
    /// Each day with its number where it counts.
    on_the_way: Vec<(Date, Option<u32>, &'static str)>,
    unconfirmed: Vec<i32>,
}

impl Counted {
    fn new(calendar: &Calendar, from: Date, term: (u32, DayUnit), first_counted: bool) -> anyhow::Result<Self> {
        let (days, unit) = term;
        let working = calendar.seen_by([]);
        let until = if first_counted {
            working.period_end(from, days)?
        } else {
            working.deadline(from, days, unit)?
        };
        let (mut on_the_way, mut number, mut at) = (Vec::new(), 0, from);
        loop {
            let kind = working.kind(at)?;
            let counts = (at > from || first_counted)
                && match unit {
                    DayUnit::Working => kind.is_working(),
                    DayUnit::Calendar => number < days,
                };
            number += u32::from(counts);
            on_the_way.push((at, counts.then_some(number), word(kind)));
            if at >= until {
                break;
            }
            at = at.next_day().context("the end of time")?;
        }
        Ok(Self {
            from,
            days,
            unit,
            from_counts: first_counted,
            until,
            on_the_way,
            unconfirmed: working.unconfirmed(from, until),
        })
    }

    fn unit(&self) -> &'static str {
        match self.unit {
            DayUnit::Working => "working",
            DayUnit::Calendar => "calendar",
        }
    }

    fn json(&self, calendar: &Calendar) -> Value {
        let confirmed = |day: &Date| !self.unconfirmed.contains(&day.year());
        let counted: Vec<Value> = self
            .on_the_way
            .iter()
            .map(|(day, number, kind)| {
                json!({ "day": day.to_string(), "number": number, "kind": kind, "confirmed": confirmed(day) })
            })
            .collect();
        json!({
            "from": self.from.to_string(),
            "days": self.days,
            "unit": self.unit(),
            "first_counted": self.from_counts,
            "until": self.until.to_string(),
            "unconfirmed_years": self.unconfirmed,
            "counted": counted,
            "calendar": calendar.digest(),
        })
    }

    fn text(&self, calendar: &Calendar) -> String {
        let unit = match self.unit {
            DayUnit::Working => "ngày làm việc (working days)",
            DayUnit::Calendar => "ngày (days)",
        };
        let first = if self.from_counts {
            ", tính cả ngày đầu (the first counts)"
        } else {
            ""
        };
        let mut lines = vec![format!(
            "{} + {} {unit}{first}: đến hết (until) {}",
            self.from, self.days, self.until
        )];
        let rows = self.on_the_way.iter().map(|(day, number, kind)| {
            let spoken = match *kind {
                "working" => "",
                "weekend" => "cuối tuần (weekend)",
                "off" => "nghỉ (day off)",
                _ => "làm bù (worked in exchange)",
            };
            // What only an unconfirmed year says is marked on its day.
            let doubt = matches!(*kind, "off" | "worked-in-exchange") && self.unconfirmed.contains(&day.year());
            vec![
                format!("  {}", weekday(*day)),
                day.to_string(),
                number.map_or_else(|| "-".to_owned(), |number| number.to_string()),
                format!("{spoken}{}", if doubt { UNCONFIRMED } else { "" }),
            ]
        });
        lines.push(aligned(&rows.collect::<Vec<_>>()));
        for year in &self.unconfirmed {
            let note = calendar.year(*year).and_then(|year| year.note.clone());
            let note = note.map(|note| format!(": {note}")).unwrap_or_default();
            lines.push(format!("Lịch năm (the calendar of) {year}{UNCONFIRMED}{note}"));
        }
        lines.join("\n")
    }
}

fn word(kind: DayKind<'_>) -> &'static str {
    match kind {
        DayKind::Working => "working",
        DayKind::Weekend => "weekend",
        DayKind::WorkedInExchange => "worked-in-exchange",
        DayKind::Exception(exception) if exception.working => "working",
        DayKind::Off | DayKind::Exception(_) => "off",
    }
}

/// As offices write the days of the week.
fn weekday(day: Date) -> &'static str {
    ["T2", "T3", "T4", "T5", "T6", "T7", "CN"][usize::from(day.weekday().number_days_from_monday())]
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_publication_is_counted_day_by_day() {
        let calendar = Law::embedded().calendar();
        let counted = Counted::new(calendar, date!(2025 - 08 - 20), (10, DayUnit::Working), true).expect("data");
        let value = counted.json(calendar);
        assert_eq!(value["until"], "2025-09-04");
        let numbered = |number: u32| {
            let days = value["counted"].as_array().into_iter().flatten();
            days.filter(|day| day["number"] == number)
                .map(|day| day["day"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (numbered(1), numbered(8)),
            (vec![json!("2025-08-20")], vec![json!("2025-08-29")])
        );
        assert_eq!(
            (numbered(9), numbered(10)),
            (vec![json!("2025-09-03")], vec![json!("2025-09-04")])
        );
        assert!(counted.text(calendar).contains("nghỉ (day off)"));
    }

    #[test]
    fn days_that_only_roll_on_have_no_number() {
        let calendar = Law::embedded().calendar();
        let counted = Counted::new(calendar, date!(2026 - 02 - 09), (7, DayUnit::Calendar), false).expect("data");
        assert_eq!(counted.until, date!(2026 - 02 - 23));
        let last = counted
            .on_the_way
            .iter()
            .filter_map(|(day, number, _)| number.map(|_| *day))
            .max();
        assert_eq!(last, Some(date!(2026 - 02 - 16)));
    }
}
