//! What is known of the candidate from earlier years, and of a collective's members.

use law::{Collective, InitiativeKind, Movement, Record, YearRating};

use super::Making;
use crate::{columns::Column, items, values};

impl Making<'_> {
    pub(super) fn record(&mut self, award_year: Option<i32>, last_year: Option<i32>) -> Record {
        let names = self.names;
        let mut record = Record {
            hired_on: self.day(&Column::HiredOn, "record.hired_on"),
            ratings: self.many(&Column::Ratings, "record.ratings", items::ratings),
            awards: Vec::new(),
            initiatives: self.many(&Column::Initiatives, "record.initiatives", |text| {
                items::initiatives(text, InitiativeKind::Initiative)
            }),
            posts: self.many(&Column::Posts, "record.posts", items::posts),
            discipline: self.many(&Column::Discipline, "record.discipline", items::discipline),
            proceedings: self.many(&Column::Proceedings, "record.proceedings", items::proceedings),
            collective: self.collective(award_year.or(last_year)),
        };
        let research = |text: &str| items::initiatives(text, InitiativeKind::Research);
        record
            .initiatives
            .extend(self.many(&Column::Research, "record.initiatives", research));
        let rated = |column: &Column| match column {
            Column::RatingOf(year) => Some(*year),
            _ => None,
        };
        record
            .ratings
            .extend(self.each(Some("record.ratings"), rated, |year, cell| {
                let rating = values::rating(&values::text(cell)?)?;
                Ok(YearRating { year, rating })
            }));
        let earlier = |column: &Column| (*column == Column::Awards).then_some(());
        let held = self.each(Some("record.awards"), earlier, |(), cell| {
            items::awards(&values::text(cell)?, names)
        });
        record.awards.extend(held.into_iter().flatten());
        record.ratings.sort_by_key(|rating| rating.year);
        record
    }

    fn collective(&mut self, year: Option<i32>) -> Option<Collective> {
        let mut collective = Collective {
            completed_or_better: self.read(&Column::CompletedOrBetter, "record.collective.completed", values::count),
            cluster_rank: self.read(&Column::ClusterRank, "record.collective.cluster_rank", values::count),
            cluster_level: self.word(
                &Column::ClusterLevel,
                "record.collective.cluster_level",
                values::cluster,
            ),
            disciplined: self.many(&Column::MembersDisciplined, "record.collective.disciplined", |text| {
                items::items(text).iter().map(|item| values::measure(item)).collect()
            }),
            ..Collective::default()
        };
        let launched_by = self.text(&Column::MovementBy, "record.collective.movement");
        let launched_by = launched_by.map(|text| self.names.agency(&text).unwrap_or(text));
        let years = self.read(&Column::MovementYears, "record.collective.movement", values::count);
        if launched_by.is_some() || years.is_some() {
            collective.movement = Some(Movement { launched_by, years });
        }
        let counted = |column: &Column| match column {
            Column::TitleCount(award) => Some(award.clone()),
            _ => None,
        };
        collective.titles = self
            .each(Some("record.collective.titles"), counted, |award, cell| {
                Ok((award, values::count(cell)?))
            })
            .into_iter()
            .collect();
        if collective == Collective::default() {
            return None;
        }
        collective.year = year;
        Some(collective)
    }
}
