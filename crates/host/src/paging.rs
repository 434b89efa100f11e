//! Pages of a list: sizes are capped, tokens are opaque, a token of another query is refused.

use sha2::{Digest as _, Sha256};

use crate::Fault;

/// A page asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many rows.
    pub size: usize,
    /// The sort key of the last row of the page before, or empty.
    pub after: String,
    query: String,
}

impl Page {
    /// Reads a page request. `query` names the list and all filters: a token of another query is INVALID_ARGUMENT.
    pub fn read(size: i32, token: &str, query: &str) -> Result<Self, Fault> {
        let invalid = |field: &str, what: &str| Fault::field("INVALID_REQUEST", field, what);
        let size = match size {
            0 => 50,
            1.. => size.min(500) as usize,
            _ => return Err(invalid("page_size", "must not be negative")),
        };
        let query = hex::encode(&Sha256::digest(query)[..6]);
        let mut after = String::new();
        if !token.is_empty() {
            let (mark, key) = token
                .split_once('.')
                .ok_or_else(|| invalid("page_token", "not a token of this list"))?;
            if mark != query {
                return Err(invalid(
                    "page_token",
                    "a token of another list or filter; start from the first page",
                ));
            }
            let bytes = hex::decode(key).map_err(|_| invalid("page_token", "not a token of this list"))?;
            after = String::from_utf8(bytes).map_err(|_| invalid("page_token", "not a token of this list"))?;
        }
        Ok(Self { size, after, query })
    }

    /// How many rows to read: one more than the page, to know whether another follows.
    pub fn limit(&self) -> i64 {
        self.size as i64 + 1
    }

    /// Cuts the page from what was read, and the token of the next one: empty if this is the last.
    pub fn cut<T>(&self, rows: &mut Vec<T>, key: impl Fn(&T) -> String) -> String {
        if rows.len() <= self.size {
            return String::new();
        }
        rows.truncate(self.size);
        rows.last()
            .map(|row| format!("{}.{}", self.query, hex::encode(key(row))))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_on_and_only_in_its_own_list() {
        let page = Page::read(2, "", "agencies").expect("a first page");
        let mut rows = vec!["a", "b", "c"];
        let token = page.cut(&mut rows, ToString::to_string);
        assert_eq!(rows, ["a", "b"]);
        assert_eq!(Page::read(2, &token, "agencies").expect("the next page").after, "b");
        assert!(Page::read(2, &token, "dossiers").is_err());
        assert!(Page::read(-1, "", "agencies").is_err());
        assert_eq!(Page::read(9_999, "", "agencies").expect("capped").size, 500);
    }
}
