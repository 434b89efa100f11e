//! Shares of an agency and year, and what they are counted of where the dossiers do not show it.

use access::{Act, Principal};
use host::{Call, Fault, Unit, principal};
use journal::Key;
use law::Law;
use machine::Machine as _;
use proto::intake::v1;
use tonic::{Request, Status};

use super::{Api, allow};
use crate::{
    machine::{Base, BaseInput, Declaration},
    shares::{self, Tally},
};

/// Characters of a source.
const SOURCE_MAX: usize = 500;
/// Years that awards are for.
const YEARS: std::ops::RangeInclusive<i32> = 1945..=2100;

fn year(year: i32) -> Result<i32, Fault> {
    if YEARS.contains(&year) {
        Ok(year)
    } else {
        Err(Fault::field(
            "INVALID_REQUEST",
            "year",
            format!("no year of awards: {year}"),
        ))
    }
}

/// An award that some rule set limits by a share.
fn limited<'a>(law: &Law, award: &'a str) -> Result<&'a str, Fault> {
    if !law.knows_award(award) {
        return Err(Fault::field("UNKNOWN_AWARD", "award", award));
    }
    if !shares::limited(law, award) {
        let what = "no rule set limits this award by a share";
        return Err(Fault::field("INVALID_REQUEST", "award", what));
    }
    Ok(award)
}

/// An agency's shares are read by itself and by those above it, whose councils judge them.
fn may_read(unit: &Unit, who: &Principal, agency: &str) -> Result<(), Fault> {
    let directory = unit.agencies();
    let above = directory.chain_on(agency, unit.today());
    let mut agencies: Vec<&str> = above.iter().map(|agency| agency.code.as_str()).collect();
    agencies.push(agency);
    allow(unit, who, Act::ReadWorklist, &agencies, None)?;
    if directory.get(agency).is_none() {
        return Err(Fault::field("UNKNOWN_AGENCY", "agency", agency));
    }
    Ok(())
}

impl Api {
    pub(super) async fn share(&self, request: Request<v1::GetShareRequest>) -> Result<v1::Share, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        let agency = if r.agency.is_empty() { &who.agency } else { &r.agency };
        let share = self.engine.read(&who, Vec::new(), |unit| {
            may_read(unit, &who, agency)?;
            let (award, year) = (limited(unit.law(), &r.award)?, year(r.year)?);
            let share = Tally::of_year(unit, agency, year)?.one(unit.law(), award, unit.today());
            let none = || {
                Fault::field(
                    "INVALID_REQUEST",
                    "award",
                    "the rule set of that year limits it by no share",
                )
            };
            share.ok_or_else(none)
        });
        Ok(share.await?)
    }

    pub(super) async fn shares(
        &self,
        request: Request<v1::ListSharesRequest>,
    ) -> Result<v1::ListSharesResponse, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        let agency = if r.agency.is_empty() { &who.agency } else { &r.agency };
        let shares = self.engine.read(&who, Vec::new(), |unit| {
            may_read(unit, &who, agency)?;
            let tally = Tally::of_year(unit, agency, year(r.year)?)?;
            Ok(tally.all(unit.law(), unit.today()))
        });
        Ok(v1::ListSharesResponse { shares: shares.await? })
    }

    pub(super) async fn declare(&self, request: Request<v1::DeclareBaseRequest>) -> Result<v1::Share, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        let call = Call::new(who.clone(), "intake/DeclareBase", &r.request_id, &r)?;
        let agency = if r.agency.is_empty() { &who.agency } else { &r.agency };
        let source = r.source.trim();
        if source.is_empty() || source.chars().count() > SOURCE_MAX || !host::is_clean(source) {
            let what = format!("say where the number comes from, in at most {SOURCE_MAX} characters, in NFC");
            return Err(Fault::field("INVALID_REQUEST", "source", what).into());
        }
        let id = format!("{agency}@{}@{}", r.award, r.year);
        let share = self.engine.act(&call, vec![Key::new(Base::NAME, &id)], |unit| {
            allow(unit, &who, Act::EditDraft, &[agency], None)?;
            let declaration = Declaration {
                agency: agency.clone(),
                award: limited(unit.law(), &r.award)?.to_owned(),
                year: year(r.year)?,
                count: r.count,
                source: source.to_owned(),
            };
            let mut tally = Tally::of_year(unit, agency, r.year)?;
            let base = unit.step::<Base>(&id, BaseInput::Declare { declaration })?;
            tally.declare(&base.data);
            let share = tally.one(unit.law(), &r.award, unit.today());
            // Where only another rule set than that of the year limits it, the declaration alone is told.
            Ok(share.unwrap_or_else(|| declared(&base.data)))
        });
        Ok(share.await?)
    }
}

/// A declaration alone.
fn declared(base: &Base) -> v1::Share {
    let Declaration {
        agency,
        award,
        year,
        count,
        source,
    } = &base.declared;
    v1::Share {
        agency: agency.clone(),
        award: award.clone(),
        year: *year,
        denominator: Some((*count).into()),
        declared_by: shares::who(&base.by),
        source: source.clone(),
        declared_at: base.at.0,
        ..v1::Share::default()
    }
}
