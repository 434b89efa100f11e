//! Initiatives, research, inventions.

use law::{Initiative, InitiativeKind};

use super::{
    decision::{Decision, decision},
    items, unreadable,
};
use crate::{flaw::What, values};

/// `Tên sáng kiến (2023, cấp cơ sở, QĐ 12/QĐ-SNV của …); Đề tài: … (2024, cấp tỉnh)`.
pub(crate) fn initiatives(text: &str, usual: InitiativeKind) -> Result<Vec<Initiative>, What> {
    let mut found = Vec::new();
    for item in items(text) {
        let told = || {
            unreadable(
                &item,
                "hãy ghi “Tên (năm, phạm vi[, QĐ số…])”, ví dụ “Số hóa hồ sơ (2023, cấp cơ sở)”",
                "write it as “title (year, scope[, decision])”, e.g. “Số hóa hồ sơ (2023, cấp cơ sở)”",
            )
        };
        let open = item.rfind('(').ok_or_else(told)?;
        let details = item[open + 1..].trim_end().strip_suffix(')').ok_or_else(told)?;
        let mut title = item[..open].trim();
        let mut kind = usual;
        if let Some((named, rest)) = title.split_once(':')
            && let Ok(named) = values::initiative(named)
        {
            (kind, title) = (named, rest.trim());
        }
        let (mut year, mut scope, mut paper) = (None, None, Decision::default());
        let mut rest = details.splitn(3, [',', ';']).map(str::trim);
        for part in rest.by_ref() {
            if let Some(read) = values::year_text(part).filter(|_| year.is_none()) {
                year = Some(read);
            } else if let Ok(read) = values::scope(part) {
                scope = Some(read);
            } else {
                paper = decision(part).ok_or_else(told)?;
            }
        }
        let (Some(year), Some(scope), false) = (year, scope, title.is_empty()) else {
            return Err(told());
        };
        found.push(Initiative {
            title: title.to_owned(),
            kind,
            scope,
            year,
            recognised_by: paper.issuer,
            decision: paper.number,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use law::Scope;

    use super::*;

    #[test]
    fn initiatives_have_a_year_and_a_scope() {
        let text = "Số hóa hồ sơ (2023, cấp cơ sở, QĐ 12/QĐ-SNV); Đề tài: Cải cách (năm 2024; cấp tỉnh)";
        let read = initiatives(text, InitiativeKind::Initiative).expect("initiatives");
        assert_eq!((read[0].year, read[0].scope), (2023, Scope::Grassroots));
        assert_eq!(read[0].decision.as_deref(), Some("12/QĐ-SNV"));
        assert_eq!(
            (read[1].kind, read[1].title.as_str()),
            (InitiativeKind::Research, "Cải cách")
        );
        assert!(initiatives("Số hóa hồ sơ", InitiativeKind::Initiative).is_err());
    }
}
