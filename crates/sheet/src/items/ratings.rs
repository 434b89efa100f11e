//! Ratings by year.

use law::YearRating;

use super::{items, unreadable, years};
use crate::{flaw::What, fold::fold, values};

/// `2023: HTXS; 2024: HTT`, `2020-2024: HTT`, `HTXS 2024`.
pub(crate) fn ratings(text: &str) -> Result<Vec<YearRating>, What> {
    let mut found = Vec::new();
    for item in items(text).iter().flat_map(|item| split_ratings(item)) {
        let told = || unreadable(&item, "hãy ghi “2024: HTT”", "write it as “2024: HTT”");
        let (one, two) = item
            .split_once([':', '='])
            .or_else(|| item.rsplit_once(' '))
            .ok_or_else(told)?;
        let (when, what) = match (years(one), years(two)) {
            (Some(when), None) => (when, two),
            (None, Some(when)) => (when, one),
            _ => return Err(told()),
        };
        let what = fold(what);
        let rating = values::rating(what.strip_suffix(" nam").unwrap_or(&what)).map_err(|_| told())?;
        found.extend(when.into_iter().map(|year| YearRating { year, rating }));
    }
    Ok(found)
}

/// Commas part items too where each part has its own rating.
fn split_ratings(item: &str) -> Vec<String> {
    let parts: Vec<String> = item.split(',').map(|part| part.trim().to_owned()).collect();
    if parts.len() > 1 && parts.iter().all(|part| part.contains([':', '='])) {
        return parts;
    }
    vec![item.to_owned()]
}

#[cfg(test)]
mod tests {
    use law::Rating;

    use super::*;

    #[test]
    fn ratings_stand_in_one_cell() {
        let read = ratings("2023: HTXS; 2024: HTT").expect("ratings");
        assert_eq!(read.iter().map(|r| r.year).collect::<Vec<_>>(), [2023, 2024]);
        assert_eq!(read[0].rating, Rating::HoanThanhXuatSac);
        assert_eq!(ratings("2020-2022: HTT, 2023: HTXS").expect("ratings").len(), 4);
        assert_eq!(ratings("HTXS năm 2024\n- HTT 2023").expect("ratings").len(), 2);
        for bad in ["2023", "HTT", "2023: A", "23: HTT", "2025-2020: HTT"] {
            assert!(ratings(bad).is_err(), "{bad}");
        }
    }
}
