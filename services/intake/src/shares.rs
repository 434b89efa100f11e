//! Shares over many dossiers: of those who hold one award in an agency and year, how many are proposed for another.

use std::{collections::BTreeMap, fmt::Write as _};

use host::{Aggregate, Fault, Published, Unit};
use journal::{Row, Sql, Value, Write};
use law::{Law, ShareOf, ShareOutcome};
use machine::{Snapshot, Timestamp};
use proto::intake::v1::{self as v1, Event, Status};
use time::Date;

use crate::machine::{Base, Dossier, Remark};

const COUNT: Sql = "SELECT award, status, rule_set, COUNT(*) FROM dossier \
     WHERE submitting_agency = $1 AND award_year = $2 GROUP BY award, status, rule_set ORDER BY award, status, rule_set";
const BASES: Sql = "SELECT award, count, source, declared_by, at FROM share_base WHERE agency = $1 AND year = $2 \
     ORDER BY award";
const PUT_BASE: Sql = "INSERT INTO share_base (agency, award, year, count, source, declared_by, at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (agency, award, year) DO UPDATE SET count = excluded.count, \
     source = excluded.source, declared_by = excluded.declared_by, at = excluded.at";

/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 3] = [COUNT, BASES, PUT_BASE];

impl Aggregate for Base {
    fn project(_: &str, _: u64, at: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        let Base { declared, by, at } = &at.data;
        let args = vec![
            Value::Text(declared.agency.clone()),
            Value::Text(declared.award.clone()),
            Value::Int(declared.year.into()),
            Value::Int(declared.count.into()),
            Value::Text(declared.source.clone()),
            Value::Text(who(by)),
            Value::Int(at.0),
        ];
        vec![Write { sql: PUT_BASE, args }]
    }

    /// A base publishes nothing: what it is for is asked of intake.
    fn published(event: &Event) -> Published {
        Dossier::published(event)
    }
}

/// Someone as people read it.
pub(crate) fn who(by: &machine::Actor) -> String {
    format!("{}@{} ({})", by.role, by.agency, by.id)
}

/// Whether any rule set limits this award by a share.
pub(crate) fn limited(law: &Law, award: &str) -> bool {
    law.rule_sets().iter().any(|set| law.share(award, &set.id).is_some())
}

struct Group {
    award: String,
    status: Status,
    rule_set: String,
    count: u64,
}

impl Group {
    fn under_way(&self) -> bool {
        matches!(
            self.status,
            Status::Submitted | Status::InReview | Status::Returned | Status::Suspended
        )
    }
}

struct Declared {
    count: u64,
    source: String,
    by: String,
    at: i64,
}

/// All proposals of an agency for a year, and what was declared of it.
pub(crate) struct Tally {
    agency: String,
    year: i32,
    groups: Vec<Group>,
    bases: BTreeMap<String, Declared>,
}

impl Tally {
    pub(crate) fn of_year(unit: &mut Unit, agency: &str, year: i32) -> Result<Self, Fault> {
        let args = [Value::Text(agency.to_owned()), Value::Int(year.into())];
        let groups = unit.query(COUNT, &args)?;
        let bases = unit.query(BASES, &args)?;
        Ok(Self {
            agency: agency.to_owned(),
            year,
            groups: groups.iter().filter_map(group).collect(),
            bases: bases.iter().filter_map(base).collect(),
        })
    }

    /// Takes a declaration that is being made.
    pub(crate) fn declare(&mut self, base: &Base) {
        let declared = Declared {
            count: base.declared.count.into(),
            source: base.declared.source.clone(),
            by: who(&base.by),
            at: base.at.0,
        };
        self.bases.insert(base.declared.award.clone(), declared);
    }

    /// Every share that binds something here: what rule sets of the proposals limit, and what is in force by then.
    pub(crate) fn all(&self, law: &Law, today: Date) -> Vec<v1::Share> {
        let by_date = self.by_date(law, today).unwrap_or_default();
        let mut awards: Vec<String> = law.shares(by_date).into_iter().map(|share| share.award).collect();
        for group in &self.groups {
            if !awards.iter().any(|award| law.same_award(award, &group.award)) && limited(law, &group.award) {
                awards.push(group.award.clone());
            }
        }
        awards.sort();
        awards.iter().filter_map(|award| self.one(law, award, today)).collect()
    }

    /// The share of an award by the newest rule set among its proposals; without any, by the one in force at the end
    /// of the year.
    pub(crate) fn one(&self, law: &Law, award: &str, today: Date) -> Option<v1::Share> {
        let order = |id: &str| law.rule_sets().iter().position(|set| set.id == id);
        let proposed = self.of(law, award).map(|group| group.rule_set.as_str());
        let rule_set = proposed
            .max_by_key(|id| order(id))
            .or_else(|| self.by_date(law, today))?;
        self.share(law, award, rule_set, 0)
    }

    /// The share of an award under a rule set, with `more` proposals than there are.
    pub(crate) fn share(&self, law: &Law, award: &str, rule_set: &str, more: u64) -> Option<v1::Share> {
        let share = law.share(award, rule_set)?;
        let (under_way, awarded) = self.count(law, &share.award);
        let mut numerator_how =
            format!("đang xét {under_way}, đã tặng {awarded} / under way {under_way}, awarded {awarded}");
        if more > 0 {
            let _ = write!(numerator_how, "; đang soạn {more} / being prepared {more}");
        }
        let declared = self
            .bases
            .iter()
            .find(|(declared, _)| law.same_award(declared, &share.award));
        let counted = match &share.of {
            ShareOf::Award(of) => Some(self.count(law, of)).filter(|(under_way, awarded)| under_way + awarded > 0),
            ShareOf::Words(_) => None,
        };
        let (denominator, denominator_how) = match (declared, counted) {
            (Some((_, declared)), _) => (
                Some(declared.count),
                format!("khai báo theo {0} / declared, from {0}", declared.source),
            ),
            (None, Some((under_way, awarded))) => (
                Some(under_way + awarded),
                format!("đang xét {under_way}, đã tặng {awarded} / under way {under_way}, awarded {awarded}"),
            ),
            (None, None) => (None, "chưa biết; cần khai báo / not known; declare it".to_owned()),
        };
        let verdict = share.judge(under_way + awarded + more, denominator);
        let int = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Some(v1::Share {
            agency: self.agency.clone(),
            award: share.award,
            year: self.year,
            rule_set: share.rule_set,
            numerator: int(verdict.numerator),
            numerator_how,
            denominator: verdict.denominator.map(int),
            denominator_how,
            max_percent: share.max_percent,
            most: verdict.most.map(int),
            of: match share.of {
                ShareOf::Award(of) | ShareOf::Words(of) => of,
            },
            verdict: verdict.outcome.as_str().to_owned(),
            article: share.article.unwrap_or_default(),
            confirmed: share.confirmed,
            declared_by: declared.map(|(_, declared)| declared.by.clone()).unwrap_or_default(),
            source: declared
                .map(|(_, declared)| declared.source.clone())
                .unwrap_or_default(),
            declared_at: declared.map_or(0, |(_, declared)| declared.at),
        })
    }

    /// What to say of an award whose share is over its limit with `more` proposals; it refuses nobody.
    pub(crate) fn warnings(&self, law: &Law, award: &str, rule_set: &str, more: u64) -> Vec<Remark> {
        let over = self
            .share(law, award, rule_set, more)
            .filter(|share| share.verdict == ShareOutcome::Over.as_str());
        over.iter().map(|share| remark(law, share)).collect()
    }

    fn of<'a>(&'a self, law: &'a Law, award: &'a str) -> impl Iterator<Item = &'a Group> {
        let proposed = self
            .groups
            .iter()
            .filter(|group| group.under_way() || group.status == Status::Awarded);
        proposed.filter(move |group| law.same_award(&group.award, award))
    }

    /// How many are under way, and how many were awarded.
    fn count(&self, law: &Law, award: &str) -> (u64, u64) {
        self.of(law, award).fold((0, 0), |(under_way, awarded), group| {
            if group.under_way() {
                (under_way + group.count, awarded)
            } else {
                (under_way, awarded + group.count)
            }
        })
    }

    fn by_date<'a>(&self, law: &'a Law, today: Date) -> Option<&'a str> {
        let end = Date::from_calendar_date(self.year, time::Month::December, 31).unwrap_or(today);
        law.rule_set_for(end.min(today), None).ok()
    }
}

fn remark(law: &Law, share: &v1::Share) -> Remark {
    let name = law.award_in(&share.award, &share.rule_set);
    let of = law.award_in(&share.of, &share.rule_set);
    let (numerator, denominator) = (share.numerator, share.denominator.unwrap_or_default());
    let (max, most, year) = (share.max_percent, share.most.unwrap_or_default(), share.year);
    let name_vi = name.map_or(share.award.as_str(), |award| &award.name_vi);
    let name_en = name.map_or(share.award.as_str(), |award| &award.name_en);
    let of_vi = of.map_or(share.of.as_str(), |award| &award.name_vi);
    let of_en = of.map_or(share.of.as_str(), |award| &award.name_en);
    let article = if share.article.is_empty() {
        String::new()
    } else {
        format!(" ({})", share.article)
    };
    Remark {
        vi: format!(
            "Vượt tỷ lệ năm {year}: {numerator} {name_vi} trên {denominator} {of_vi}, quá {max}%, nhiều nhất {most}{article}; \
             Hội đồng xem xét."
        ),
        en: format!(
            "over the share of {year}: {numerator} {name_en} of {denominator} {of_en}, more than {max} %, at most \
             {most}{article}; the council judges"
        ),
    }
}

fn group(row: &Row) -> Option<Group> {
    let [
        Value::Text(award),
        Value::Int(status),
        Value::Text(rule_set),
        Value::Int(count),
    ] = row.as_slice()
    else {
        return None;
    };
    Some(Group {
        award: award.clone(),
        status: Status::try_from(i32::try_from(*status).ok()?).ok()?,
        rule_set: rule_set.clone(),
        count: u64::try_from(*count).ok()?,
    })
}

fn base(row: &Row) -> Option<(String, Declared)> {
    let [
        Value::Text(award),
        Value::Int(count),
        Value::Text(source),
        Value::Text(by),
        Value::Int(at),
    ] = row.as_slice()
    else {
        return None;
    };
    let declared = Declared {
        count: u64::try_from(*count).ok()?,
        source: source.clone(),
        by: by.clone(),
        at: *at,
    };
    Some((award.clone(), declared))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Declaration;

    const TITLE: &str = "chien-si-thi-dua-co-so";
    const OF: &str = "lao-dong-tien-tien";

    fn tally(groups: &[(&str, Status, u64)]) -> Tally {
        let group = |&(award, status, count): &(&str, Status, u64)| Group {
            award: award.to_owned(),
            status,
            rule_set: "law-2003".to_owned(),
            count,
        };
        Tally {
            agency: "so".to_owned(),
            year: 2019,
            groups: groups.iter().map(group).collect(),
            bases: BTreeMap::new(),
        }
    }

    #[test]
    fn both_numbers_are_counted_and_shown() {
        let law = Law::embedded();
        let mut tally = tally(&[
            (TITLE, Status::InReview, 2),
            (TITLE, Status::Awarded, 1),
            (TITLE, Status::Drafting, 9),
            (TITLE, Status::Refused, 9),
            (OF, Status::Awarded, 20),
        ]);
        let share = tally.share(law, TITLE, "law-2003", 0).expect("a share");
        assert_eq!((share.numerator, share.denominator, share.most), (3, Some(20), Some(3)));
        assert_eq!(share.verdict, "ok");
        assert_eq!(tally.warnings(law, TITLE, "law-2003", 0), []);
        let warnings = tally.warnings(law, TITLE, "law-2003", 1);
        assert_eq!(warnings.len(), 1);
        assert!(
            warnings[0].vi.contains("4 ") && warnings[0].vi.contains("trên 20 "),
            "{warnings:?}"
        );
        let declared = Declaration {
            award: TITLE.to_owned(),
            count: 40,
            source: "QĐ 12".to_owned(),
            ..Declaration::default()
        };
        tally.declare(&Base {
            declared,
            ..Base::default()
        });
        let share = tally.share(law, TITLE, "law-2003", 1).expect("a share");
        assert_eq!((share.denominator, share.source.as_str()), (Some(40), "QĐ 12"));
        assert_eq!(share.verdict, "ok");
    }

    #[test]
    fn without_a_base_a_share_is_unknown_and_warns_nobody() {
        let law = Law::embedded();
        let tally = tally(&[(TITLE, Status::InReview, 2)]);
        let share = tally
            .one(law, TITLE, time::macros::date!(2019 - 12 - 31))
            .expect("a share");
        assert_eq!((share.denominator, share.verdict.as_str()), (None, "unknown"));
        assert_eq!(tally.warnings(law, TITLE, "law-2003", 1), []);
    }
}
