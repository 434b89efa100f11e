//! Rows of a table, page by page, cell by cell.

use journal::{Key, Row, Sql, Store, Value, compact, packed};

use crate::folder::Unreadable;

/// Rows read at once, as the statements say too.
const PAGE: usize = 1_000;

/// A row's cells, in order.
pub(super) struct Cells {
    service: &'static str,
    row: std::vec::IntoIter<Value>,
}

impl Cells {
    fn wrong(&self, found: Option<Value>, wanted: &str) -> Unreadable {
        let rest: Vec<&Value> = self.row.as_slice().iter().take(3).collect();
        Unreadable::Row(
            self.service,
            format!("{wanted} was expected, found {found:?} before {rest:?}"),
        )
    }

    pub(super) fn int(&mut self) -> Result<i64, Unreadable> {
        match self.row.next() {
            Some(Value::Int(int)) => Ok(int),
            other => Err(self.wrong(other, "an integer")),
        }
    }

    pub(super) fn text(&mut self) -> Result<String, Unreadable> {
        match self.row.next() {
            Some(Value::Text(text)) => Ok(text),
            other => Err(self.wrong(other, "a text")),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, Unreadable> {
        match self.row.next() {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            other => Err(self.wrong(other, "bytes")),
        }
    }

    /// A compact id.
    pub(super) fn id(&mut self) -> Result<String, Unreadable> {
        compact::text(&self.bytes()?).map_err(|detail| Unreadable::Row(self.service, detail))
    }

    /// What was packed as one. Where it was tampered with, it is told by the chain.
    pub(super) fn packed_pair(&mut self) -> Result<(String, Vec<u8>), Unreadable> {
        Ok(packed::unpack_pair(&self.bytes()?).unwrap_or_default())
    }

    /// What was packed. Where it was tampered with, it is told by the chain.
    pub(super) fn packed(&mut self) -> Result<Vec<u8>, Unreadable> {
        Ok(packed::unpack(&self.bytes()?).unwrap_or_default())
    }

    pub(super) fn key(&mut self) -> Result<Key, Unreadable> {
        Ok(Key::new(self.text()?, self.text()?))
    }
}

/// Reads tables of a store.
pub(super) struct Reader<'a> {
    pub(super) service: &'static str,
    pub(super) store: &'a dyn Store,
}

impl Reader<'_> {
    /// All rows of a table, whose key is as long as `first`.
    pub(super) async fn all(
        &self,
        sql: Sql,
        first: Vec<Value>,
        mut take: impl FnMut(Cells) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let service = self.service;
        let mut after = first;
        loop {
            let page = self.store.query(sql, &after).await;
            let page: Vec<Row> = page.map_err(|error| Unreadable::Store(service, error))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last[..after.len()].to_vec();
            let is_last = page.len() < PAGE;
            for row in page {
                let row = row.into_iter();
                take(Cells { service, row })?;
            }
            if is_last {
                return Ok(());
            }
        }
    }
}
