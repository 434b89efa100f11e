//! The fields of `submit`.

use serde::Deserialize;

/// Fields of `submit`: one dossier or many under one letter.
#[derive(Debug, Deserialize)]
#[serde(try_from = "SubmitFields")]
pub struct Submit {
    items: Vec<SubmitItem>,
    /// Number of the letter being prepared.
    pub letter: Option<String>,
}

/// One dossier of a `submit`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitItem {
    /// The runner's name for it.
    pub id: String,
    /// Its file; `None` to submit it anew after a recall.
    pub dossier: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubmitFields {
    id: Option<String>,
    dossier: Option<String>,
    dossiers: Option<Vec<SubmitItem>>,
    letter: Option<String>,
}

impl Submit {
    /// The dossiers, in the file's order; never empty.
    pub fn items(&self) -> &[SubmitItem] {
        &self.items
    }
}

impl TryFrom<SubmitFields> for Submit {
    type Error = &'static str;

    fn try_from(fields: SubmitFields) -> Result<Self, Self::Error> {
        let items = match fields {
            SubmitFields {
                id: Some(id),
                dossier,
                dossiers: None,
                ..
            } => vec![SubmitItem { id, dossier }],
            SubmitFields {
                id: None,
                dossier: None,
                dossiers: Some(items),
                ..
            } if !items.is_empty() => items,
            _ => return Err("`submit` takes either `id` and `dossier`, or a list `dossiers` of {id, dossier}"),
        };
        Ok(Self {
            items,
            letter: fields.letter,
        })
    }
}
