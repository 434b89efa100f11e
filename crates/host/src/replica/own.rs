//! What agencies lay down themselves, as messages: awards of their own, and days. INVALID_ARGUMENT names the field.

use law::{
    Date, DayException, LocalAward, LocalBonus, LocalCouncil, LocalCriterion, LocalLimit, LocalVersion, Regulation,
};
use proto::directory::v1;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::date;
use crate::Fault;

fn invalid(field: &str, what: impl Into<String>) -> Fault {
    Fault::field("INVALID_REQUEST", field, what)
}

/// A day that must be given.
fn required(field: &str, text: &str) -> Result<Date, Fault> {
    date(field, text)?.ok_or_else(|| invalid(field, "a day as in 2025-09-15 is required"))
}

/// A word of one of the law's enums.
fn word<T: DeserializeOwned>(field: &str, text: &str) -> Result<T, Fault> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|e| invalid(field, e.to_string()))
}

fn word_of(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn optional(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A day from its message.
pub fn day_from_proto(day: &v1::Day) -> Result<DayException, Fault> {
    Ok(DayException {
        agency: optional(&day.agency),
        day: required("day.day", &day.day)?,
        working: day.working,
        reason: day.reason.clone(),
        document: day.document.clone(),
    })
}

/// A day as a message.
pub fn day_to_proto(day: &DayException, etag: String) -> v1::Day {
    v1::Day {
        agency: day.agency.clone().unwrap_or_default(),
        day: day.day.to_string(),
        working: day.working,
        reason: day.reason.clone(),
        document: day.document.clone(),
        etag,
    }
}

/// A regulation from its message.
pub fn regulation_from_proto(field: &str, regulation: &v1::Regulation) -> Result<Regulation, Fault> {
    Ok(Regulation {
        number: regulation.number.clone(),
        date: required(&format!("{field}.date"), &regulation.date)?,
        text: regulation.text.clone(),
    })
}

fn regulation_to_proto(regulation: &Regulation) -> v1::Regulation {
    v1::Regulation {
        number: regulation.number.clone(),
        date: regulation.date.to_string(),
        text: regulation.text.clone(),
    }
}

/// A local award from its message.
pub fn award_from_proto(award: &v1::LocalAward) -> Result<LocalAward, Fault> {
    let versions = award.versions.iter().enumerate();
    Ok(LocalAward {
        code: award.award.clone(),
        agency: award.agency.clone(),
        name_vi: award.name_vi.clone(),
        name_en: award.name_en.clone(),
        versions: versions
            .map(|(i, version)| version_from_proto(&format!("award.versions[{i}]"), version))
            .collect::<Result<_, _>>()?,
        ended_by: award
            .ended_by
            .as_ref()
            .map(|regulation| regulation_from_proto("award.ended_by", regulation))
            .transpose()?,
    })
}

/// A local award as a message.
pub fn award_to_proto(award: &LocalAward, etag: String) -> v1::LocalAward {
    v1::LocalAward {
        award: award.code.clone(),
        agency: award.agency.clone(),
        name_vi: award.name_vi.clone(),
        name_en: award.name_en.clone(),
        versions: award.versions.iter().map(version_to_proto).collect(),
        ended_by: award.ended_by.as_ref().map(regulation_to_proto),
        etag,
    }
}

fn version_from_proto(field: &str, version: &v1::LocalAwardVersion) -> Result<LocalVersion, Fault> {
    let regulation = version
        .regulation
        .as_ref()
        .ok_or_else(|| invalid(&format!("{field}.regulation"), "a regulation is required"))?;
    let criteria = version.criteria.iter().enumerate();
    let council = |council: &v1::LocalCouncil| {
        Ok::<_, Fault>(LocalCouncil {
            threshold_percent: council.threshold_percent,
            ballot: word(&format!("{field}.council.ballot"), &council.ballot)?,
        })
    };
    let limit = |limit: &v1::LocalLimit| {
        Ok::<_, Fault>(LocalLimit {
            days: limit.days,
            unit: word(&format!("{field}.time_limit.unit"), &limit.unit)?,
        })
    };
    let bonus = |(i, bonus): (usize, &v1::LocalBonus)| {
        Ok::<_, Fault>(LocalBonus {
            recipient: word(&format!("{field}.bonus[{i}].recipient"), &bonus.recipient)?,
            hundredths: (bonus.hundredths != 0).then_some(bonus.hundredths),
            vnd: (bonus.vnd != 0).then_some(bonus.vnd),
        })
    };
    Ok(LocalVersion {
        from: required(&format!("{field}.from"), &version.from)?,
        to: date(&format!("{field}.to"), &version.to)?,
        regulation: regulation_from_proto(&format!("{field}.regulation"), regulation)?,
        recipient: word(&format!("{field}.recipient"), &version.recipient)?,
        criteria: criteria
            .map(|(i, criterion)| criterion_from_proto(&format!("{field}.criteria[{i}]"), criterion))
            .collect::<Result<_, _>>()?,
        papers: version.papers.clone(),
        council: version.council.as_ref().map(council).transpose()?,
        time_limit: version.time_limit.as_ref().map(limit).transpose()?,
        bonus: version.bonus.iter().enumerate().map(bonus).collect::<Result<_, _>>()?,
    })
}

fn version_to_proto(version: &LocalVersion) -> v1::LocalAwardVersion {
    v1::LocalAwardVersion {
        from: version.from.to_string(),
        to: version.to.map(|to| to.to_string()).unwrap_or_default(),
        regulation: Some(regulation_to_proto(&version.regulation)),
        recipient: word_of(version.recipient),
        criteria: version.criteria.iter().map(criterion_to_proto).collect(),
        papers: version.papers.clone(),
        council: version.council.map(|council| v1::LocalCouncil {
            threshold_percent: council.threshold_percent,
            ballot: word_of(council.ballot),
        }),
        time_limit: version.time_limit.map(|limit| v1::LocalLimit {
            days: limit.days,
            unit: word_of(limit.unit),
        }),
        bonus: version
            .bonus
            .iter()
            .map(|bonus| v1::LocalBonus {
                recipient: word_of(bonus.recipient),
                hundredths: bonus.hundredths.unwrap_or_default(),
                vnd: bonus.vnd.unwrap_or_default(),
            })
            .collect(),
    }
}

fn criterion_from_proto(field: &str, criterion: &v1::LocalCriterion) -> Result<LocalCriterion, Fault> {
    let parameters: Map<String, Value> = match criterion.parameters.as_str() {
        "" => Map::new(),
        json => serde_json::from_str(json).map_err(|e| invalid(&format!("{field}.parameters"), e.to_string()))?,
    };
    let recipient = criterion.recipient.as_str();
    Ok(LocalCriterion {
        path: optional(&criterion.path).unwrap_or_else(|| "*".to_owned()),
        recipient: (!recipient.is_empty())
            .then(|| word(&format!("{field}.recipient"), recipient))
            .transpose()?,
        kind: criterion.r#type.clone(),
        id: optional(&criterion.id),
        text_vi: criterion.text_vi.clone(),
        text_en: criterion.text_en.clone(),
        article: optional(&criterion.article),
        parameters,
    })
}

fn criterion_to_proto(criterion: &LocalCriterion) -> v1::LocalCriterion {
    let parameters = &criterion.parameters;
    v1::LocalCriterion {
        path: criterion.path.clone(),
        recipient: criterion.recipient.map(word_of).unwrap_or_default(),
        r#type: criterion.kind.clone(),
        id: criterion.id.clone().unwrap_or_default(),
        text_vi: criterion.text_vi.clone(),
        text_en: criterion.text_en.clone(),
        article: criterion.article.clone().unwrap_or_default(),
        parameters: if parameters.is_empty() {
            String::new()
        } else {
            Value::Object(parameters.clone()).to_string()
        },
    }
}
