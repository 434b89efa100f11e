//! Values on their way into and out of statements.

use crate::{Row, StoreError, Value, compact, packed};

/// An argument of a statement, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl<'a> From<&'a Value> for Arg<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Arg::Null,
            Value::Int(int) => Arg::Int(*int),
            Value::Text(text) => Arg::Text(text),
            Value::Bytes(bytes) => Arg::Bytes(bytes),
        }
    }
}

impl From<i64> for Arg<'_> {
    fn from(int: i64) -> Self {
        Arg::Int(int)
    }
}

impl From<u64> for Arg<'_> {
    fn from(int: u64) -> Self {
        Arg::Int(int as i64)
    }
}

impl From<u32> for Arg<'_> {
    fn from(int: u32) -> Self {
        Arg::Int(int.into())
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Arg::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Arg::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Arg<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Arg::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Arg<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Arg::Bytes(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Arg<'a> {
    fn from(digest: &'a [u8; N]) -> Self {
        Arg::Bytes(digest)
    }
}

/// Arguments in order: `args![kind, id, version]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Arg::from($value)),*] };
}
pub(crate) use args;

/// The cells of one row, read in order. What cannot be read is named by table, column and the row's key.
pub(crate) struct Cells {
    table: &'static str,
    row: Row,
    next: usize,
}

impl Cells {
    pub(crate) fn new(table: &'static str, row: Row) -> Self {
        Self { table, row, next: 0 }
    }

    fn take(&mut self) -> Value {
        let value = self.row.get_mut(self.next).map_or(Value::Null, |cell| {
            // Integers and texts stay: the first of them are the key, which an error names.
            match cell {
                Value::Bytes(bytes) => Value::Bytes(std::mem::take(bytes)),
                other => other.clone(),
            }
        });
        self.next += 1;
        value
    }

    fn corrupt(&self, column: &'static str, detail: String) -> StoreError {
        let key = self.row.iter().take(3).filter_map(|cell| match cell {
            Value::Int(int) => Some(int.to_string()),
            Value::Text(text) => Some(text.clone()),
            Value::Null | Value::Bytes(_) => None,
        });
        StoreError::Corrupt {
            table: self.table,
            column,
            row: key.collect::<Vec<_>>().join("/"),
            detail,
        }
    }

    pub(crate) fn int(&mut self, column: &'static str) -> Result<i64, StoreError> {
        match self.take() {
            Value::Int(int) => Ok(int),
            other => Err(self.corrupt(column, format!("an integer was expected, found {}", kind(&other)))),
        }
    }

    pub(crate) fn count(&mut self, column: &'static str) -> Result<u64, StoreError> {
        let int = self.int(column)?;
        u64::try_from(int).map_err(|_| self.corrupt(column, format!("{int} is negative")))
    }

    pub(crate) fn small(&mut self, column: &'static str) -> Result<u32, StoreError> {
        let int = self.int(column)?;
        u32::try_from(int).map_err(|_| self.corrupt(column, format!("{int} is out of range")))
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<String, StoreError> {
        match self.take() {
            Value::Text(text) => Ok(text),
            other => Err(self.corrupt(column, format!("a text was expected, found {}", kind(&other)))),
        }
    }

    pub(crate) fn bytes(&mut self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        match self.take() {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(self.corrupt(column, format!("bytes were expected, found {}", kind(&other)))),
        }
    }

    pub(crate) fn digest<const N: usize>(&mut self, column: &'static str) -> Result<[u8; N], StoreError> {
        let bytes = self.bytes(column)?;
        bytes
            .try_into()
            .map_err(|bytes: Vec<u8>| self.corrupt(column, format!("{N} bytes were expected, found {}", bytes.len())))
    }

    /// What was [packed](packed::pack).
    pub(crate) fn packed(&mut self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        let bytes = self.bytes(column)?;
        packed::unpack(&bytes).map_err(|detail| self.corrupt(column, detail))
    }

    /// What was [packed as one](packed::pack_pair).
    pub(crate) fn packed_pair(&mut self, column: &'static str) -> Result<(String, Vec<u8>), StoreError> {
        let bytes = self.bytes(column)?;
        packed::unpack_pair(&bytes).map_err(|detail| self.corrupt(column, detail))
    }

    /// A [compact](compact::id) id.
    pub(crate) fn id(&mut self, column: &'static str) -> Result<String, StoreError> {
        let bytes = self.bytes(column)?;
        compact::text(&bytes).map_err(|detail| self.corrupt(column, detail))
    }

    /// A digest, or nothing.
    pub(crate) fn digest_if_any(&mut self, column: &'static str) -> Result<Option<[u8; 32]>, StoreError> {
        if matches!(self.row.get(self.next), Some(Value::Null)) {
            self.next += 1;
            return Ok(None);
        }
        self.digest(column).map(Some)
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Int(_) => "an integer",
        Value::Text(_) => "a text",
        Value::Bytes(_) => "bytes",
    }
}
